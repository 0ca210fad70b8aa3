"""What was changed in a time, for an auditor: each write, its proof, the baseline it follows, who approved.

One line a write, the oldest first. What the records do not cover stands in the report itself, so that nobody
reads a gap as a quiet time.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from remediation.on_call.chronicle.extent import Extent
from remediation.on_call.request_fields import Fields
from remediation.on_call.times import EARLIEST
from remediation.telling.cards.words import who

MONTH = timedelta(days=30)
KEYS = frozenset({"since", "until"})
_RUN_BY_SHEETS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with: a spreadsheet would take it for a formula."""

type Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """The time a report is about: since <= time < until."""

    since: datetime
    until: datetime

    def note(self, extent: Extent) -> str:
        """What of it is not known; "" where all of it is."""
        return extent.note(self.since)


def read(values: Mapping[str, Any], now: datetime) -> Span:
    """The time asked for, a month unless given; raises InputError with every mistake."""
    fields = Fields(values, KEYS)
    until = fields.moment("until", now) or now
    since = fields.moment("since", now) or until - MONTH
    fields.window(since, until, until - EARLIEST)
    fields.finish()
    return Span(since, until)


def approved_by(entry: Entry) -> str:
    """Who wanted a write: the baseline that allows such repairs, or the person who took one back."""
    if entry.get("undoOf"):
        return f"{who(entry['actor'])}, who took {entry['undoOf']} back"
    return f"the baseline {entry.get('baselineHash') or 'of that time'}, in enforce mode"


def as_csv(entries: Iterable[Entry], note: str) -> Iterator[str]:
    """The report as lines of CSV with a heading; `note` is its first line where there is one."""
    yield _line(COLUMNS)
    if note:
        yield _line([{"result": "incomplete", "change": note}.get(column, "") for column in COLUMNS])
    for entry in entries:
        yield _line(_cells(entry))


COLUMNS = (
    "id", "time", "ended", "resource", "rule", "result", "change", "difference", "traffic", "ways closed",
    "proof", "baseline", "set off by", "approved by", "method", "undoes", "taken back by", "error",
)  # fmt: skip


def _cells(entry: Entry) -> list[str]:
    """The cells of a write in the order of `COLUMNS`."""
    told = {
        "id": entry["id"],
        "time": entry["at"],
        "ended": entry.get("endedAt"),
        "resource": entry["resource"],
        "rule": entry["rule"],
        "result": entry["state"],
        "change": entry["title"],
        "difference": "\n".join(entry.get("diff") or ()),
        "traffic": "\n".join(entry.get("traffic") or ()),
        "ways closed": "\n".join(entry.get("closes") or ()),
        "proof": entry.get("proof"),
        "baseline": entry.get("baselineHash"),
        "set off by": _set_off_by(entry),
        "approved by": approved_by(entry),
        "method": entry["method"],
        "undoes": entry.get("undoOf"),
        "taken back by": entry.get("undoneBy"),
        "error": entry.get("error"),
    }
    return [str(told[column] or "") for column in COLUMNS]


def _set_off_by(entry: Entry) -> str:
    actor = entry.get("inAnswerTo") or (entry["actor"] if entry.get("undoOf") else {})
    return who(actor) if actor else ""


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([f"'{cell}" if cell.startswith(_RUN_BY_SHEETS) else cell for cell in cells])
    return text.getvalue()


def summary(entries: Iterable[Entry], span: Span) -> str:
    """As in ``12 writes from 2026-10-01 to 2026-11-01: 11 done, 1 failed; 2 were taken back``."""
    found = list(entries)
    states = Counter(entry["state"] for entry in found)
    back = sum(bool(entry.get("undoneBy")) for entry in found)
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"
    text = f"{len(found)} writes from {span.since:%Y-%m-%d %H:%M} to {span.until:%Y-%m-%d %H:%M} UTC: {told}"
    return f"{text}; {back} were taken back" if back else text
