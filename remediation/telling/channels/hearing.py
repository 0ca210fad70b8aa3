"""What one place is told of a finding, by what it was told before. Pure.

Each place has a past of its own: where nobody was told that something is wrong, nothing is called changed or
resolved, and where a finding is told no more, its last card says so. So the last word in a place is true.
"""

import msgspec

from remediation.findings import GAVE_UP, FindingRecord, State
from remediation.ledger.cards import Sent
from remediation.model.records import ACKNOWLEDGED, MOVED
from remediation.telling.cards.news import PREFIX, news

PASSED = "DriftPassed"
"""It began and ended before this place heard of it."""
GONE = "DriftToldElsewhere"
"""It is open still, and told in other places from now on."""

_NEWS_TO_WHO_KNOWS = frozenset({"DriftChanged", "DriftReminded", "DriftReopened", ACKNOWLEDGED, MOVED})
_OPEN = frozenset({State.OPEN, State.EXEMPT})


def as_heard(record: FindingRecord, sent: Sent, *, here: bool) -> FindingRecord | None:
    """The finding as a place is to hear of it now; None where its last card is still true.

    `here` says whether the finding is told in this place today.
    """
    return _heard_here(record, sent) if here else _heard_no_more(record, sent)


def says_over(record: FindingRecord) -> bool:
    """Whether a card of this record tells that there is nothing left to do in its place."""
    return news(record).over


def _heard_here(record: FindingRecord, sent: Sent) -> FindingRecord | None:
    kind = record.change.removeprefix(PREFIX)
    back = sent.over and record.state is State.OPEN
    if record.last_news <= sent.seq and not (back and kind == MOVED):
        return None
    if sent.seq and not sent.over:
        return _named(record, "DriftChanged") if kind == MOVED else record
    if kind == "DriftResolved":
        nobody_knows = not sent.seq and record.rule != GAVE_UP
        return _named(record, PASSED) if nobody_knows else None
    if kind == MOVED and record.state is State.EXEMPT:
        return _named(record, "DriftExempted")
    knows = bool(sent.seq) and kind == "DriftReopened"
    return _named(record, _first(record)) if kind in _NEWS_TO_WHO_KNOWS and not knows else record


def _heard_no_more(record: FindingRecord, sent: Sent) -> FindingRecord | None:
    if not sent.seq or sent.over:
        return None
    return _named(record, GONE) if record.state in _OPEN else record


def _first(record: FindingRecord) -> str:
    """What the first card about an open finding is called."""
    if record.rule == GAVE_UP:
        return "GaveUp"
    return "DriftProposed" if record.disposition == "propose" else "DriftFound"


def _named(record: FindingRecord, change: str) -> FindingRecord:
    return msgspec.structs.replace(record, change=change)
