"""Which verbs may be used on a finding now, and why the others may not.

This is what a page shows before anybody presses. It goes by what is remembered; whether a repair can be made
is decided by the look that is made then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from remediation.declared.rule import DECLARED_DRIFT
from remediation.findings import FindingRecord, State
from remediation.judging.consenting import LIFTED
from remediation.model.decisions import GUARDS, Guard
from remediation.model.own import is_own
from remediation.on_call.acting.caller import Caller, Right
from remediation.resource_id import ResourceId
from remediation.telling.cards import words

SIGN_IN = "sign in: a function key alone reads and changes nothing"
OWN = "it is about the app itself, not about a resource of Azure"


@dataclass(frozen=True, slots=True)
class Verb:
    """What may be done: with which rights (one of them will do), and why it cannot be done ("": it can).

    `shown` says that it is done to what was shown, and so wants the etag of that. `never` is what no look
    made now could change, where the rest is left to that look.
    """

    rights: tuple[Right, ...]
    why_not: Callable[[FindingRecord, str], str]
    shown: bool = True
    never: Callable[[FindingRecord, str], str] | None = None

    def refusal(self, caller: Caller) -> str:
        """Why a caller may not use it on any finding; "" where they may."""
        if not caller.signed_in:
            return SIGN_IN
        if caller.acts & set(self.rights):
            return ""
        named = " or ".join(self.rights)
        cut = " (you are in too many groups for your sign-in to name them)" if caller.groups_cut else ""
        return f"you do not have the right {named}: `people` in the baseline gives it{cut}"


def _apply(record: FindingRecord, stopped: str) -> str:
    return _apply_never(record, stopped) or "; ".join(binding(record))


def _apply_never(record: FindingRecord, stopped: str) -> str:
    if record.state is not State.OPEN:
        return _over(record)
    if _is_own(record):
        return OWN
    if record.fix is None or record.disposition == "alert":
        return words.not_repaired(record.evidence)
    return stopped


def binding(record: FindingRecord) -> list[str]:
    """What held a repair back whoever asks for it: every guard but those that a person may lift.

    What ARM refused once may be tried again, when a person says so.
    """
    guards = record.evidence.get(GUARDS) or ()
    held = zip(guards, record.held_back_by, strict=False)
    return [reason for guard, reason in held if guard not in LIFTED | {Guard.REFUSED_BEFORE}]


def _exempt(record: FindingRecord, _stopped: str) -> str:
    if _is_own(record):
        return OWN
    return "" if record.state is State.OPEN else _over(record)


def _undo(record: FindingRecord, _stopped: str) -> str:
    return "" if record.write_id and record.state is State.FIXED else "nothing of it was written by us"


def _look(record: FindingRecord, _stopped: str) -> str:
    return OWN if _is_own(record) else ""


def _accept(record: FindingRecord, _stopped: str) -> str:
    if record.state is not State.OPEN:
        return _over(record)
    return "" if record.rule == DECLARED_DRIFT.id else "it is no difference from what was declared"


def _ack(record: FindingRecord, _stopped: str) -> str:
    if record.state is not State.OPEN:
        return _over(record)
    return f"{record.acknowledged['by']} has it already" if record.acknowledged else ""


VERBS: Mapping[str, Verb] = {
    "apply": Verb(("apply",), _apply, never=_apply_never),
    "exempt": Verb(("exempt",), _exempt),
    "undo": Verb(("apply",), _undo, shown=False),
    "look": Verb(("read",), _look, shown=False),
    "ack": Verb(("apply", "exempt"), _ack),
    "accept": Verb(("apply",), _accept),
}


def can(caller: Caller, record: FindingRecord, stopped: str = "") -> dict[str, Any]:
    """For each verb whether the caller may use it now, and why not. `stopped` says who stopped writing."""
    told = {}
    for name, verb in VERBS.items():
        why = verb.refusal(caller) or verb.why_not(record, stopped)
        told[name] = {"ok": not why, "why": why}
    return told


def _over(record: FindingRecord) -> str:
    match record.state:
        case State.FIXED:
            return "it is repaired already"
        case State.EXEMPT:
            return "it is left alone; end that first"
        case State.SUSPECTED:
            return "a second look has to confirm it first"
        case _:
            return "it is over"


def _is_own(record: FindingRecord) -> bool:
    return is_own(ResourceId.parse(record.resource))
