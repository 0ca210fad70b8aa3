"""Records of the activity log -> the Event Grid events that their operations raised.

People hold records in several forms: as the service answers (`{"value": [...]}`), as `az monitor
activity-log list` prints them (a list), as a diagnostic setting exports them (`{"records": [...]}`, or a
JSON line each), one alone. The service tells an operation several times (started, accepted, ended); only
ends are events. What records look like beyond what the SDK names is unconfirmed.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from remediation.intake.events import actor

EVENT_TYPES: Mapping[tuple[str, str], str] = {
    (verb, status): f"Microsoft.Resources.Resource{verb.title()}{suffix}"
    for verb in ("write", "delete", "action")
    for status, suffix in (
        ("succeeded", "Success"), ("failed", "Failure"), ("canceled", "Cancel"), ("cancelled", "Cancel"),
        ("success", "Success"), ("failure", "Failure"),  # as exports write them
    )
}  # fmt: skip
_OPERATION = "operationname"
_TIMES = ("eventtimestamp", "time")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_record(document: object) -> bool:
    """Whether this is a record of the activity log, and no event."""
    if not isinstance(document, Mapping):
        return False
    keys = {str(key).lower() for key in document}
    return _OPERATION in keys and not keys.isdisjoint(_TIMES) and "data" not in keys


def unpacked(document: object) -> Iterator[object]:
    """What a document holds: the records of an answer or an export, the members of a list, or itself."""
    if isinstance(document, list):
        yield from document
        return
    if isinstance(document, Mapping):
        for name in ("value", "records"):
            held = document.get(name)
            if isinstance(held, list):
                yield from held
                return
    yield document


def event_of(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """The Event Grid event that a record's operation raised; None for what raises none.

    That is every status but an end, every category but Administrative, and reads.
    """
    fields = {str(key).lower(): value for key, value in record.items()}
    operation, status = _value(fields.get(_OPERATION)), _status(fields)
    verb = operation.lower().rpartition("/")[2]
    event_type = EVENT_TYPES.get((verb, status))
    if event_type is None or _value(fields.get("category")).lower() not in {"", "administrative"}:
        return None
    resource = _value(fields.get("resourceid")) or _value(fields.get("resourceuri"))
    identity = _object(fields.get("identity"))
    claims = _object(fields.get("claims")) or _object(identity.get("claims"))
    request = _object(fields.get("httprequest")) or _request(fields)
    return {
        "id": identity_of(record),
        "eventType": event_type,
        "subject": resource,
        "eventTime": fields.get("eventtimestamp") or fields.get("time"),
        "data": {
            "resourceUri": resource,
            "operationName": operation,
            "correlationId": _value(fields.get("correlationid")),
            "authorization": _object(fields.get("authorization")) or _object(identity.get("authorization")),
            "claims": _with_caller(claims, request, _value(fields.get("caller"))),
            "httpRequest": request,
        },
    }


def identity_of(record: Mapping[str, Any]) -> str:
    """What tells a record from every other; a digest of it where it has no id of its own."""
    own = _value(record.get("eventDataId")) or _value(record.get("id"))
    return own or hashlib.sha256(json.dumps(record, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _status(fields: Mapping[str, Any]) -> str:
    return (_value(fields.get("status")) or _value(fields.get("resulttype"))).lower()


def _request(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The caller's address, which an export has beside everything else."""
    address = _value(fields.get("calleripaddress"))
    return {"clientIpAddress": address} if address else {}


def _with_caller(claims: Mapping[str, Any], request: Mapping[str, Any], caller: str) -> dict[str, Any]:
    """The claims; where they name nobody, the caller is who it was: a name, or the id of a principal."""
    known = actor(claims, request)
    if not caller or known.name or known.object_id:
        return dict(claims)
    return {**claims, "oid" if _GUID.fullmatch(caller) else "name": caller}


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _value(field: object) -> str:
    """The text of a localizable field, which the service writes as {value, localizedValue}."""
    found = field.get("value") if isinstance(field, Mapping) else field
    return found if isinstance(found, str) else ""
