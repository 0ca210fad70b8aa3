"""Events in every documented shape -> ResourceChange.

Accepted: Event Grid schema, CloudEvents 1.0, old events whose `data.*` objects are JSON text in a string,
Azure Resource Notifications, and dead-lettered events (their added keys are ignored). Every key below
`data` is optional; casing is not stable; the resource's body is never in an event. An event that cannot be
used is an InputError that says why: it will not be better on the next delivery, so it is logged and
acknowledged, not raised to the host.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from remediation.errors import InputError, InvalidResourceId, NoResourceId
from remediation.messages import utc
from remediation.model import Actor, ResourceChange
from remediation.resource_id import ResourceId

type Kind = Literal["write", "delete", "action"]


_CLAIM = "http://schemas.microsoft.com/identity/claims/"
_XMLSOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

# Well-known client applications, as they occur in claims.appid.
CLIENTS: Mapping[str, str] = {
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c": "Azure portal",
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Azure PowerShell",
    "8edd93e1-2103-40b4-bd70-6e34e586362d": "Defender for Cloud",
}

_KINDS: Mapping[str, Kind] = {
    "microsoft.resources.resourcewrite": "write",
    "microsoft.resources.resourcedelete": "delete",
    "microsoft.resources.resourceaction": "action",
    "microsoft.resourcenotifications.resources.createdorupdated": "write",
    "microsoft.resourcenotifications.resources.deleted": "delete",
}
_STATUSES = ("success", "failure", "cancel")


def parse(event: object) -> ResourceChange:
    """Reduce one event to what we use; raises InputError naming what is wrong with it.

    NoResourceId says that nothing is: the event is about a part of Azure that is no resource.
    """
    if not isinstance(event, Mapping):
        raise InputError(f"an event is a JSON object, not {_json_kind(event)}")
    event_type = _text(event, "eventType") or _text(event, "type")
    if not event_type:
        raise InputError("neither eventType (Event Grid) nor type (CloudEvents) says what the event is")
    kind, status = _kind_and_status(event_type)
    data = _object(event.get("data"))
    permission = _lowered(_object(data.get("authorization")))
    return ResourceChange(
        target=_target(event, data, permission),
        operation=_text(data, "operationName") or _text(permission, "action"),
        kind=kind,
        status=status,
        event_id=_text(event, "id"),
        event_time=_time(event),
        correlation_id=_text(data, "correlationId"),
        actor=actor(_object(data.get("claims")), _object(data.get("httpRequest"))),
    )


def batch(document: object) -> Iterator[object]:
    """The events of a document: one event, a list of them, or anything else as itself for parse to refuse."""
    if isinstance(document, list):
        yield from document
    else:
        yield document


def actor(claims: Mapping[str, Any], request: Mapping[str, Any]) -> Actor:
    """Who the claims say it was. A name is preferred over an id; a managed identity has only ids."""
    app_id = _text(claims, "appid").lower()
    name = (
        _text(claims, f"{_XMLSOAP}upn")
        or _text(claims, f"{_XMLSOAP}name")
        or _text(claims, "upn")
        or _text(claims, "name")
        or _text(claims, f"{_XMLSOAP}emailaddress")
        or _text(claims, "email")
        or _identity_name(claims)
    )
    return Actor(
        name=name,
        object_id=(_text(claims, f"{_CLAIM}objectidentifier") or _text(claims, "oid")).lower(),
        app_id=app_id,
        client=CLIENTS.get(app_id, ""),
        address=_text(request, "clientIpAddress") or _text(claims, "ipaddr"),
    )


def _identity_name(claims: Mapping[str, Any]) -> str:
    """The name of a managed identity: the last segment of the resource id in xms_mirid (unconfirmed)."""
    return _text(claims, "xms_mirid").rpartition("/")[2]


def _kind_and_status(event_type: str) -> tuple[Kind, str]:
    lowered = event_type.lower()
    if lowered in _KINDS:
        return _KINDS[lowered], "success"
    for status in _STATUSES:
        stem = lowered.removesuffix(status)
        if stem != lowered and stem in _KINDS:
            return _KINDS[stem], status
    raise InputError(f"not a resource change: {event_type[:120]!r}")


def _target(event: Mapping[str, Any], data: Mapping[str, Any], permission: Mapping[str, Any]) -> ResourceId:
    """data.resourceUri, else subject, else data.authorization.scope, else data.resourceInfo.id."""
    candidates = (
        _text(data, "resourceUri"),
        _text(event, "subject"),
        _text(permission, "scope"),
        _text(_object(data.get("resourceInfo")), "id"),
    )
    named = next((text for text in candidates if text), "")
    if not named:
        raise InputError("names no resource: data.resourceUri, subject and authorization.scope are empty")
    try:
        return ResourceId.parse(named)
    except NoResourceId:
        raise
    except InvalidResourceId as error:
        raise InputError(f"names an unusable resource: {error}") from error


def _time(event: Mapping[str, Any]) -> datetime | None:
    value = event.get("eventTime") or event.get("time")
    if not isinstance(value, str | datetime):
        return None
    try:
        return utc(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        return None


def _object(value: object) -> Mapping[str, Any]:
    """An object, also where an old event carries it as JSON text; empty for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


def _lowered(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same with its keys in lower case: senders differ in how they write those of `authorization`."""
    return {str(key).lower(): value for key, value in mapping.items()}


def _text(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key)
    if not isinstance(value, str):
        return ""
    # JSON may hold half a surrogate pair, which cannot be written to a queue.
    return value.strip().encode(errors="replace").decode()


def _json_kind(value: object) -> str:
    return {list: "a list", str: "text", bool: "true or false", type(None): "null"}.get(
        type(value), "a number"
    )
