"""What is refused whatever a write says: locks in the way, another location, a foreign etag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import errors
from lab.arm.kinds.authorization import locked_scopes
from lab.arm.kinds.table import is_network

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.calls import Call
    from lab.arm.verbs.finding import Place


def refuse_if_locked(arm: Arm, call: Call, verb: str) -> None:
    scopes = locked_scopes(arm.store, call.path.text, verb)
    if scopes:
        raise errors.scope_locked(call.path.text, "delete" if verb == "delete" else "write", scopes)


def refuse_elsewhere(call: Call, place: Place, group: str) -> None:
    """A top-level resource needs a location, and cannot be written in another than it is in."""
    if place.member is not None or len(call.path.names) > 1 or not is_network(call.path.kind):
        return
    sent = str(call.document().get("location") or "").replace(" ", "").lower()
    held = str((place.existing or {}).get("location") or "").replace(" ", "").lower()
    if not sent:
        raise errors.location_required()
    if held and sent != held:
        raise errors.location_fixed(call.path.name, group, held, sent)


def refuse_if_moved(arm: Arm, call: Call, place: Place) -> None:
    """If-Match with another etag is refused where the type honours it."""
    sent = call.headers.get("If-Match")
    if sent in {None, "*"} or not arm.settings.honours_if_match(place.kind.name.lower()):
        return
    current = (place.existing or {}).get("etag", "")
    if sent != current:
        raise errors.precondition_failed(str(sent), current, place.id)
