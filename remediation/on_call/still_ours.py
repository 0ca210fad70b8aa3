"""Whether a resource is still as our write left it, what leads back, and the difference for people to read.

ARM adds to a document on its own; only what says something, and that we neither wrote nor found there, counts
as somebody's change.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from remediation.errors import ConflictError
from remediation.findings import FixRecord
from remediation.kinds import NAMING_KEYS, SECURITY_RULE, SERVER_KEYS
from remediation.landing_zone.commands import for_write
from remediation.ledger.journal import WriteRecord
from remediation.model import Json, Write
from remediation.reconciling.writing import holds
from remediation.resource_id import ResourceId
from remediation.telling.cards.diff import changes

ARMS_OWN = SERVER_KEYS | NAMING_KEYS | {"location"}


class ChangedSinceError(ConflictError):
    """Somebody changed the resource after our write; `lines` are the difference.

    `command` takes our write back over the document of today, with what somebody changed left in it (but for
    descriptions, which no command of ours holds); "" where no command does.
    """

    def __init__(self, message: str, lines: Sequence[str], command: str = "") -> None:
        self.lines = tuple(lines)
        self.command = command
        super().__init__(message)


def diff_of(write: Write, before: Json | None) -> list[str]:
    """The lines that one write takes away or brings."""
    known = None if before is None else dict(before)
    return fix_lines(FixRecord(title="", writes=[write.to_json()], before={write.id.key: known}))


def fix_lines(fix: FixRecord) -> list[str]:
    """The writes of a fix as lines: what leaves behind ``- ``, what comes behind ``+ ``."""
    lines: list[str] = []
    for change in changes(fix):
        lines += [change.title] if change.title else []
        lines += [f"{sign} {text}" for sign, text in change.lines]
    return lines


def way_back(record: WriteRecord, resource: ResourceId) -> Write:
    """The inverse of a write, without what ARM alone sets."""
    if record.before is None:
        return Write("DELETE", resource)
    body = {key: value for key, value in record.before.items() if key not in SERVER_KEYS}
    if isinstance(body.get("properties"), Mapping):
        kept = {key: value for key, value in body["properties"].items() if key not in SERVER_KEYS}
        body["properties"] = kept
    return Write("PUT", resource, body)


def refuse_if_changed(record: WriteRecord, now: Json | None) -> None:
    """Our write must still stand there whole, with nothing beside it that was not there before."""
    if holds(now, record.after) and not _added(now, record.after, record.before):
        return
    resource = ResourceId.parse(record.resource)
    found = Write("DELETE", resource) if now is None else Write("PUT", resource, now)
    lines = diff_of(found, record.after)
    message = f"{record.id}: {resource.text} was changed since; it is left alone"
    raise ChangedSinceError(message, lines, _over_today(record, resource, now))


def _over_today(record: WriteRecord, resource: ResourceId, now: Json | None) -> str:
    """The command that gives today's rule back what our write took from it; "" for all that is no rule."""
    if resource.type != SECURITY_RULE or record.before is None:
        return ""
    was, ours = record.before.get("properties") or {}, (record.after or {}).get("properties")
    today = None if now is None else now.get("properties")
    if ours is None or today is None:
        return for_write(way_back(record, resource), now)
    wanted = {key: value for key, value in today.items() if key not in SERVER_KEYS}
    for key in {*was, *ours} - SERVER_KEYS:
        if was.get(key) != ours.get(key):
            given_back = _given_back(was.get(key), ours.get(key), today.get(key))
            wanted = {name: value for name, value in wanted.items() if name != key}
            wanted |= {} if _hollow(given_back) else {key: given_back}
    return for_write(Write("PUT", resource, {"properties": wanted}), now)


def _given_back(was: Any, ours: Any, today: Any) -> Any:
    """A property of today with what our write took from it; of lists what each has beside the other stays."""
    if not all(isinstance(value, list | tuple) for value in (was, ours, today)):
        return was
    taken = [item for item in was if item not in ours and item not in today]
    brought = [item for item in ours if item not in was]
    return [*(item for item in today if item not in brought), *taken]


def _added(now: Any, left: Any, before: Any) -> bool:
    """Whether a document says something that we did not write and that did not stand there before."""
    if not isinstance(now, Mapping) or not isinstance(left, Mapping):
        return False
    known = before if isinstance(before, Mapping) else {}
    for key, value in now.items():
        if key in ARMS_OWN:
            continue
        if key in left:
            if _added(value, left[key], known.get(key)):
                return True
        elif not _hollow(value) and value != known.get(key):
            return True
    return False


def _hollow(value: Any) -> bool:
    """Nothing, as ARM spells it out: null, false, 0, "", and objects or lists of only these."""
    if isinstance(value, Mapping):
        return all(_hollow(item) for item in value.values())
    if isinstance(value, list | tuple):
        return all(_hollow(item) for item in value)
    return not value
