"""What every change by a person has in common, and the change of an exemption.

A page of somebody else's cannot make one: browsers send our header only where we let them, and we let nobody.
A function key changes nothing, so an address that was passed on with a key in it shows and does no more.
"""

import logging
from collections.abc import Callable, Mapping

import msgspec

from remediation.app.answers import Answer, problem
from remediation.app.people.face import Face, refused
from remediation.errors import InputError
from remediation.on_call.acting.caller import Caller, Right
from remediation.on_call.exemptions import ELSEWHERE, read_until
from remediation.on_call.tools import OnCall

log = logging.getLogger("bastion_guard.people")

GUARD_HEADER = "x-bastion-guard"
MOST_BYTES = 10_000

type Values = Mapping[str, str]


class _Change(msgspec.Struct, forbid_unknown_fields=True):
    """What is to become of an exemption: its end, or another moment at which it ends."""

    end: bool = False
    until: str = ""


class Changing(Face):
    """The answers to POST."""

    def change_exemption(self, identity: str, body: bytes, query: Values, headers: Values) -> Answer:
        """200 with the exemption as it is now, or as it was when it was ended; 404 where none is in force."""

        def changed(tools: OnCall, caller: Caller) -> Answer:
            return _changed_exemption(tools, identity, _read(body, _Change), caller)

        return self.change(body, query, headers, "exempt", changed)

    def change(
        self,
        body: bytes,
        query: Values,
        headers: Values,
        right: Right | None,
        make: Callable[[OnCall, Caller], Answer],
    ) -> Answer:
        """The answer of a change that our own page or command asked for, by somebody who has the right."""

        def made(tools: OnCall, caller: Caller) -> Answer:
            if headers.get(GUARD_HEADER, "").strip() != "1":
                return problem(403, "not asked for by our page", ["the header X-Bastion-Guard: 1 is missing"])
            if (refusal := refused(caller, right)) is not None:
                return refusal
            if not caller.signed_in:
                return problem(403, "not permitted", ["a function key reads and changes nothing"])
            if len(body) > MOST_BYTES:
                return problem(413, "too large", [f"the body has more than {MOST_BYTES} bytes"])
            return make(tools, caller)

        return self.answer(headers, query, None, made)


def _read[T](body: bytes, kind: type[T]) -> T:
    """The body of a request; raises InputError where it is none."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(str(error)) from error


def _changed_exemption(tools: OnCall, identity: str, wanted: _Change, by: Caller) -> Answer:
    if wanted.end == bool(wanted.until):
        raise InputError("either end (true) or until (a moment, or 4h from now)")
    exempter = tools.exempter(by.name or by.object_id)
    if all(one.id != identity.lower() for one in exempter.listed()):
        return problem(404, "not found", [f"no exemption {identity[:80]!r} is in force; {ELSEWHERE}"])
    now = tools.ports.clock.now()
    told = exempter.end(identity) if wanted.end else exempter.move(identity, read_until(wanted.until, now))
    log.info(
        "exemption.changed", extra={"exemption": told.id, "ended": wanted.end, "principal": by.object_id}
    )
    return Answer(200, told.to_json())
