"""Makes a finding's record fit where it is kept and told: what does not fit is cut, and marked as cut.

Severity, message and witness always stay. Of a repair with hundreds of steps the one at hand is kept whole
and the rest as digests. What was cut is compared with later news by a digest of what it said before.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from remediation.model.decisions import (
    EXEMPT_UNTIL,
    GUARDS,
    HELD_BACK_BY,
    HELD_BACK_UNTIL,
    SEVERITY_BECAUSE,
    WITNESS,
)
from remediation.model.records import FindingRecord, FixRecord

MOST_BYTES = 48 * 1024
"""Of one record as JSON: a batch of announcements has room for many, and so has a target's record."""
SMALLER = (16 * 1024, 6 * 1024, 3 * 1024)
"""What each record may have where all those of a target together do not fit."""
_DECIDED = frozenset({SEVERITY_BECAUSE, WITNESS, GUARDS, HELD_BACK_BY, HELD_BACK_UNTIL, EXEMPT_UNTIL})
LONGEST_MESSAGE = 1500
MORE = "... and "
"""Begins the line that says how many were left out of a list."""
_MARK = " ... (cut)"


def fitted(record: FindingRecord, most: int = MOST_BYTES) -> FindingRecord:
    """The record in at most about `most` bytes; itself where it fits. `cut` names what is not all there."""
    if _size(record) <= most:
        return record
    digest = record.substance or digest_of(record)
    for step in (_one_step, _short_lists, _bare):
        record = step(record)
        if _size(record) <= most:
            break
    return msgspec.structs.replace(record, substance=digest)


def digest_of(record: FindingRecord) -> str:
    """A digest of what is news when it changes; the one from before it was cut, where it was."""
    return record.substance or _hash(substance(record))


def substance(record: FindingRecord) -> tuple[Any, ...]:
    """What is news when it changes: severity, disposition, message, witness, what holds a repair back."""
    writes = record.fix.writes if record.fix else []
    return (
        record.severity,
        record.disposition,
        record.message,
        record.witness,
        record.held_back_by,
        writes,
    )


def shortened(text: str, most: int) -> str:
    """A text of at most `most` characters, with a mark where it was longer."""
    return text if len(text) <= most else text[: most - len(_MARK)] + _MARK


def first_of(texts: Sequence[str], count: int, most: int) -> list[str]:
    """The first texts of a list, each shortened; the last line says how many there are beside."""
    kept = [shortened(text, most) for text in texts[:count]]
    return kept if len(texts) <= count else [*kept, f"{MORE}{len(texts) - count} more (cut)"]


def _one_step(record: FindingRecord) -> FindingRecord:
    """The step at hand, its way back and what it finds; of every further step a digest."""
    fix = record.fix
    if fix is None or len(fix.writes) < 2:
        return record
    step = fix.writes[0]
    name = str(step.get("id", "")).lower()
    kept = msgspec.structs.replace(
        fix,
        writes=[step],
        inverse=[one for one in fix.inverse if str(one.get("id", "")).lower() == name],
        before={key: body for key, body in fix.before.items() if key.lower() == name},
        rest=[_hash(write) for write in fix.writes[1:]],
    )
    return _marked(record, f"{len(fix.writes) - 1} of {len(fix.writes)} steps", fix=kept)


def _short_lists(record: FindingRecord) -> FindingRecord:
    fix = record.fix
    if fix is not None:
        fix = msgspec.structs.replace(
            fix,
            title=shortened(fix.title, 300),
            proof=shortened(fix.proof, 600),
            traffic=first_of(fix.traffic, 8, 200),
            tolerances=first_of(fix.tolerances, 8, 200),
            closes=first_of(fix.closes, 8, 200),
            rest=first_of(fix.rest, 64, 40),
        )
    return _marked(
        record,
        "long texts and lists",
        fix=fix,
        title=shortened(record.title, 300),
        message=shortened(record.message, LONGEST_MESSAGE),
        note=shortened(record.note, 600),
        evidence={key: _short(value) for key, value in record.evidence.items()},
        commands=first_of(record.commands, 5, 600),
    )


def _bare(record: FindingRecord) -> FindingRecord:
    """What was found and decided, without the documents of the repair and what was seen besides."""
    fix = record.fix
    if fix is not None:
        fix = FixRecord(title=fix.title, closes=fix.closes[:1], rest=[_hash(fix.writes), *fix.rest[:8]])
    decided = {key: value for key, value in record.evidence.items() if key in _DECIDED}
    return _marked(record, "documents, evidence, commands", fix=fix, evidence=decided, commands=[])


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return shortened(value, 300)
    if isinstance(value, Mapping):
        return {shortened(str(key), 100): _short(each) for key, each in list(value.items())[:20]}
    if isinstance(value, list | tuple):
        rest = [f"... and {len(value) - 8} more (cut)"] if len(value) > 8 else []
        return [*(_short(each) for each in value[:8]), *rest]
    return value


def _marked(record: FindingRecord, what: str, **changes: Any) -> FindingRecord:
    cut = record.cut if what in record.cut else [*record.cut, what]
    return msgspec.structs.replace(record, cut=cut, **changes)


def _size(record: FindingRecord) -> int:
    return len(msgspec.json.encode(record))


def step_digest(write: Mapping[str, Any]) -> str:
    """The digest that stands for a step of a repair whose steps are too many to keep."""
    return _hash(write)


def _hash(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:16]
