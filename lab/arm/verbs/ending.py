"""How a write ends: the document has arrived, is as it was before, or failed as a newborn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.documents.etags import new_etag
from lab.arm.documents.tree import own_state, settled, stamped

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.changes import ChangeStatus
    from lab.arm.documents.tree import Document
    from lab.arm.state.operations import Status
    from lab.arm.verbs.finding import Place


def change_status(outcome: Status) -> ChangeStatus:
    assert outcome != "InProgress", "an operation ends once, with a final status"
    return outcome


def arrive(
    arm: Arm, place: Place, before: Document | None, outcome: Status, *, touched: bool, applied: bool
) -> None:
    """Bring a written document to its end: arrived, or as it was before, or failed as a newborn."""
    doc = place.current(arm)
    if doc is None or not touched:
        return
    if outcome == "Succeeded":
        whole = settled(place.within(arm, place.kind.finish(arm.world, doc)))
    elif arm.operations.running(ids.folded(place.root)) is not None:
        return  # what superseded it carries the document on
    elif before is None or applied:
        whole = settled(place.within(arm, doc), "Failed")
    else:
        whole = own_state(before, "Failed") if place.member is None else settled(before)
    arm.store.put(stamped(whole, new_etag()))
    place.kind.linked(arm.world, place.id)
