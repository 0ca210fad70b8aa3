"""Ascribes a finding's changes to whoever made them: who opened it stays known, and no other is named for it.

`since` is when the last complete look had not seen it: no older change has brought it about.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.model.deeds import NOBODY, Deed, cause, opener
from remediation.model.records import FindingRecord, State

MARGIN = timedelta(seconds=120)
"""How far Azure's clock and ours may be apart when an event's time is held against ours."""


type Heard = Callable[[str, str], Deed]
"""Whose change a kept event tells of as the opener of a finding, by its rule and its resource's id."""


def nobody(_: str, __: str) -> Deed:
    return NOBODY


def is_new(known: FindingRecord | None) -> bool:
    """Whether a finding was not there at our last look: what has opened it came later."""
    return known is None or known.state in {State.RESOLVED, State.FIXED}


def opened(
    known: FindingRecord | None,
    fresh: FindingRecord,
    since: datetime | None,
    heard: Heard = nobody,
) -> FindingRecord:
    """With who opened it: by the word of the change we answer, where its time allows that, or as `heard`."""
    if known is not None and known.state in {State.SUSPECTED, State.EXEMPT} and known.opening.is_known:
        deed = known.opening
    else:
        deed = _opener(fresh, _not_there(known, since))
        if not deed.is_known and is_new(known):
            deed = heard(fresh.rule, fresh.resource)
    is_other = not fresh.deed.may_open(fresh.rule, fresh.resource)
    told = fresh.deed if is_other and not deed.is_known else deed
    return with_deed(fresh, told, opened_by=deed)


def changed(known: FindingRecord, fresh: FindingRecord, since: datetime | None) -> FindingRecord:
    """An open finding that is otherwise now. Who opened it stays; whoever did so has not changed it again."""
    deed = later(fresh.deed, known, since)
    return with_deed(fresh, deed, opened_at=known.opened_at, opened_by=known.opening)


def ended(
    known: FindingRecord | None, draft: FindingRecord, since: datetime | None, now: datetime
) -> FindingRecord:
    """What we meant to end, with who opened it and when: an open finding knows better than the draft."""
    is_open = known is not None and known.state is State.OPEN
    if known is not None and is_open and known.opening.is_known:
        deed = known.opening
    elif draft.opened_by is not None and is_new(known):
        deed = draft.opened_by
    else:
        deed = _opener(draft, _not_there(known, since))
    opened_at = known.opened_at if known is not None and is_open else draft.opened_at
    return with_deed(draft, deed, changed_at=now, opened_at=opened_at, opened_by=deed)


def later(deed: Deed, known: FindingRecord, since: datetime | None) -> Deed:
    """A change as the cause of what came after the opening of a finding; unnamed where it cannot be."""
    return deed.unnamed if deed.is_same_as(known.opening) else cause(deed, _not_there(known, since))


def better_known(known: FindingRecord, fresh: FindingRecord, since: datetime | None) -> FindingRecord:
    """The finding as it was; where nobody knew who had opened it, a change of that time tells now."""
    deed = _opener(fresh, since)
    in_time = deed.event_time is not None and deed.event_time <= known.opened_at + MARGIN
    if known.opening.is_known or not (deed.is_known and in_time):
        return known
    return msgspec.structs.replace(known, opened_by=deed)


def with_deed(record: FindingRecord, deed: Deed, **fields: Any) -> FindingRecord:
    """A record whose latest news is about this change."""
    return msgspec.structs.replace(
        record,
        actor=deed.actor,
        operation=deed.operation,
        event_time=deed.event_time,
        correlation_id=deed.correlation_id,
        **fields,
    )


def _opener(record: FindingRecord, since: datetime | None) -> Deed:
    return opener(record.deed, since, record.rule, record.resource)


def _not_there(known: FindingRecord | None, since: datetime | None) -> datetime | None:
    """When it was not there for certain: at our last complete look, or at the last change we know of."""
    last = known.changed_at - MARGIN if known is not None and known.seq else None
    return max((moment for moment in (since, last) if moment is not None), default=None)
