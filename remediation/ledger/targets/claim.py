"""A claim while it is held, and what is known of a target before one is taken."""

from dataclasses import dataclass, field
from typing import Any

from remediation.errors import ConflictError
from remediation.ledger.targets.record import TargetRecord
from remediation.ports import Change, Row


class DecideAgainError(ConflictError):
    """The claim was not taken: the record is not as it was known, or the event with it had come before."""


@dataclass(frozen=True, slots=True)
class Known:
    """A target's record as it was read; without a row where it is new, or lies where it lay before."""

    record: TargetRecord | None
    row: Row | None


@dataclass(slots=True)
class Claim:
    """A held claim. `record` and its version move on as the holder writes.

    `event` is the row of the event that came with it, `found_none` whether no finding was recorded before.
    `deferred` are changes of the record that wait for its
    next write, `beside` other records of the same shard that are written with it, `apart` those that cannot.
    """

    record: TargetRecord
    row: Row
    held: Row | None = None
    event: Row | None = None
    found_none: bool = False
    deferred: dict[str, Any] = field(default_factory=dict)
    beside: list[Change] = field(default_factory=list)
    apart: list[Change] = field(default_factory=list)
