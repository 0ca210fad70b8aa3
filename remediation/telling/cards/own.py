"""What there is to tell about the app itself: a baseline that changed or is broken, a stop and its end."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from remediation.findings import FindingRecord, State
from remediation.model.own import AHEAD, CHANGE, DIFFERENCE, HASH, MODE, SOURCE
from remediation.telling.cards import advice, words

ABOUT = "Bastion Guard itself"
MOST_LINES = 15


def facts(record: FindingRecord, now: datetime) -> Iterator[tuple[str, str]]:
    """What is in force now, where it comes from, whose doing it is and when it was done."""
    told = record.evidence
    for name, key in (("Mode", MODE), ("Baseline", HASH), ("From", SOURCE)):
        if told.get(key):
            yield name, str(told[key]).removeprefix("https://")
    if record.actor:
        yield "By", words.who(record.actor)
    yield "When", f"{words.moment(record.changed_at)}, {words.ago(record.changed_at, now)}"
    if record.state is State.OPEN and record.seq > 1:
        yield "Open since", f"{words.moment(record.opened_at)}, {words.ago(record.opened_at, now)}"


def difference(evidence: Mapping[str, Any]) -> Iterator[str]:
    """Each value that is not what it was; what does not fit is counted, and stands in the history."""
    values = _list(evidence.get(DIFFERENCE))
    for value in values[:MOST_LINES]:
        yield f"{value.get('path')}: {value.get('after')} (it was {value.get('before')})"
    if len(values) > MOST_LINES:
        yield f"and {len(values) - MOST_LINES} more values"


def ahead(evidence: Mapping[str, Any]) -> Iterator[str]:
    """The repairs that are made now that the mode is enforce, the worst first."""
    told = evidence.get(AHEAD)
    if not isinstance(told, Mapping):
        return
    count = told.get("count", 0)
    yield f"{count} proven repair{'' if count == 1 else 's'} that observe mode held back:"
    shown = _list(told.get("shown"))
    for one in shown:
        name = words.kind_and_name(str(one.get("resource", "")))[1]
        yield f"{one.get('severity')}: {name}: {one.get('title') or one.get('rule')}"
    if isinstance(count, int) and count > len(shown):
        yield f"and {count - len(shown)} more"


def commands(record: FindingRecord) -> Iterator[str]:
    """What answers the news, and where all of it is to be read."""
    yield from record.commands if record.state is State.OPEN else ()
    if record.evidence.get(CHANGE):
        yield advice.entry(str(record.evidence[CHANGE]))


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
