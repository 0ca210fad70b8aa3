"""From a change to the event Azure would raise for it, in both schemas.

    arm.changes.subscribe(lambda change: deliver(event_grid(change)))

The shapes are those of the vendor's documents. Neither schema carries the resource's body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.arm import ids
from lab.arm.clock import timestamp
from lab.arm.persona import TENANT, authorization, claims, guid, persona

if TYPE_CHECKING:
    from lab.arm.changes import Change

VERBS = {"write": "Write", "delete": "Delete", "action": "Action"}
OUTCOMES = {"Succeeded": "Success", "Failed": "Failure", "Canceled": "Cancel"}
CLIENT_ADDRESS = "203.0.113.10"


def event_id(change: Change) -> str:
    """The same change has the same event id in both schemas and in every delivery."""
    return guid("event", change.correlation_id, change.operation_name, change.resource_id, str(change.time))


def event_type(change: Change) -> str:
    """Microsoft.Resources.Resource{Write,Delete,Action}{Success,Failure,Cancel}."""
    return f"Microsoft.Resources.Resource{VERBS[change.verb]}{OUTCOMES[change.status]}"


def topic(change: Change) -> str:
    return f"/subscriptions/{ids.parse(change.resource_id).subscription}"


def event_data(change: Change, *, http_request: bool = True) -> dict[str, Any]:
    """What both schemas hold under `data`; a create may lack `httpRequest` (`http_request=False`)."""
    who, path = persona(change.caller, change.user_agent), ids.parse(change.resource_id)
    data: dict[str, Any] = {
        "authorization": authorization(who, change.resource_id, change.operation_name, path.subscription),
        "claims": claims(who, path.subscription, int(change.time)),
        "correlationId": change.correlation_id,
    }
    if http_request:
        data["httpRequest"] = {
            "clientRequestId": change.client_request_id,
            "clientIpAddress": CLIENT_ADDRESS,
            "method": change.method,
            "url": change.url,
        }
    return data | {
        "resourceProvider": path.namespace,
        "resourceUri": change.resource_id,
        "operationName": change.operation_name,
        "status": change.status,
        "subscriptionId": path.subscription,
        "tenantId": TENANT,
    }


def event_grid(change: Change, *, http_request: bool = True) -> dict[str, Any]:
    """One event of the Event Grid schema; a delivery is a JSON array of these."""
    return {
        "subject": change.resource_id,
        "eventType": event_type(change),
        "eventTime": timestamp(change.time),
        "id": event_id(change),
        "data": event_data(change, http_request=http_request),
        "dataVersion": "2",
        "metadataVersion": "1",
        "topic": topic(change),
    }


def cloud_event(change: Change, *, http_request: bool = True) -> dict[str, Any]:
    """One CloudEvents 1.0 event; a delivery is one object unless batched."""
    return {
        "specversion": "1.0",
        "id": event_id(change),
        "source": topic(change),
        "subject": change.resource_id,
        "type": event_type(change),
        "time": timestamp(change.time),
        "data": event_data(change, http_request=http_request),
    }
