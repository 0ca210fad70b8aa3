"""What is worth measuring, in words the core can say; who collects it, if anybody, is an adapter's affair.

Counters of the core: `hand_ons` (by why), `claims_lost`. Times, in seconds:

    time_to_judge    change -> the end of the handling that judged it, once per event and target. A drift that
                     was repaired is judged when the repair is verified; `ending` tells them apart.
    time_to_repair   change -> the read that saw the drift repaired, once per finding and write. Where a look
                     again repairs what came while we were busy, the change it came with is the earlier one.

A change without a time of its own is not timed, and a replay is not: its time is that of a change judged
long ago.
"""

import contextlib
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from remediation.findings import FindingRecord
from remediation.messages import Message
from remediation.model import Ending, Outcome

JUDGED = frozenset({Ending.COMPLIANT, Ending.REPAIRED, Ending.OPEN, Ending.UNKNOWN, Ending.GONE})


class Measures(Protocol):
    """Where figures go. Names are constant; attributes have few values each, and none of them is a person.

    A span belongs to the trace that `correlation_id` names; "" leaves it in the one that is under way.
    """

    def count(self, name: str, amount: int = 1, **attributes: str) -> None: ...

    def time(self, name: str, seconds: float, **attributes: str) -> None: ...

    def span(self, name: str, correlation_id: str, **attributes: str) -> AbstractContextManager[None]: ...


class Silent:
    """Measures nothing, at no cost."""

    def count(self, name: str, amount: int = 1, **attributes: str) -> None:
        """Forget it."""

    def time(self, name: str, seconds: float, **attributes: str) -> None:
        """Forget it."""

    def span(self, name: str, correlation_id: str, **attributes: str) -> AbstractContextManager[None]:  # noqa: ARG002
        return contextlib.nullcontext()


SILENT = Silent()


LATER = frozenset({"apply", "exemption", "undo"})
"""Reasons of looks that a person asks for, about a change that was judged when it was made."""


def answers_a_change(message: Message, outcome: Outcome) -> bool:
    """Whether a change was judged: not by who replays or applies something later.

    What was handed on has not been, until its successor ends.
    """
    return outcome.ending in JUDGED and not message.replay_id and message.reason not in LATER


def time_judgement(measures: Measures, message: Message, outcome: Outcome, now: datetime) -> None:
    """How long a change waited for its judgement; for what `answers_a_change`, the first time."""
    seconds = seconds_between(message.event_time, now)
    if seconds is not None:
        measures.time("time_to_judge", seconds, ending=outcome.ending.value, reason=message.reason)


def time_repairs(
    measures: Measures,
    message: Message,
    drafts: Iterable[FindingRecord],
    records: Mapping[str, FindingRecord],
) -> None:
    """How long each drift lasted that one of our writes has ended, as the records now say."""
    for draft in drafts:
        record = records.get(draft.name)
        if record is None or record.change != "DriftFixed" or record.write_id != draft.write_id:
            continue
        seconds = seconds_between(draft.event_time, record.changed_at)
        if seconds is not None and not message.replay_id:
            measures.time("time_to_repair", seconds, rule=draft.rule)


def seconds_between(since: datetime | None, until: datetime) -> float | None:
    """Seconds from a change to a moment, at least 0 (clocks differ); None where its time is not known."""
    if since is None or since.tzinfo is None:
        return None
    return max(0.0, (until - since).total_seconds())
