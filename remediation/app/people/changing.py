"""What people change over HTTP: an exemption, and what is to become of a finding.

A page of somebody else's cannot make a change: browsers send our header only where we let them, and we let
nobody. A function key changes nothing, so an address that was passed on with a key in it shows and does no
more.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

import msgspec

from remediation.app.answers import Answer, problem
from remediation.app.people.face import Face, refused, signed_out
from remediation.app.people.once import Once
from remediation.app.people.pace import Pace
from remediation.app.people.reading import in_full
from remediation.app.people.signing_in import SigningIn
from remediation.errors import InputError
from remediation.findings import FindingRecord
from remediation.model.decisions import shown_moment
from remediation.on_call.acting.allowed import VERBS
from remediation.on_call.acting.caller import Caller, Right
from remediation.on_call.acting.refusals import (
    BusyError,
    ChangedSinceShownError,
    RefusedError,
    UnheardOfError,
)
from remediation.on_call.acting.verbs import Done, Verbs
from remediation.on_call.exemptions import ELSEWHERE, read_until
from remediation.on_call.listing.identity import etag_of
from remediation.on_call.times import span
from remediation.on_call.tools import OnCall
from remediation.structs import decoded

log = logging.getLogger("bastion_guard.people")

GUARD_HEADER = "x-bastion-guard"
MOST_BYTES = 10_000
SOON = 5

type Values = Mapping[str, str]


class Asked(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """What comes with a request: why, and for how long something is left alone (30m, 4h, 2d)."""

    reason: str = ""
    exempt_for: str = ""

    @property
    def length(self) -> timedelta:
        """How long; nothing where nothing was said. Raises InputError for what is no length."""
        try:
            return span(self.exempt_for) if self.exempt_for else timedelta(0)
        except InputError as error:
            raise InputError(f"exemptFor: {error}") from error


class _Change(msgspec.Struct, forbid_unknown_fields=True):
    """What is to become of an exemption: its end, or another moment at which it ends."""

    end: bool = False
    until: str = ""


MADE: Mapping[str, Callable[[Verbs, str, str, Asked], Done]] = {
    "apply": lambda verbs, identity, etag, _: verbs.apply(identity, etag),
    "exempt": lambda verbs, identity, etag, asked: verbs.exempt(identity, asked.length, asked.reason, etag),
    "undo": lambda verbs, identity, _, asked: verbs.undo(identity, asked.length),
    "look": lambda verbs, identity, _etag, _asked: verbs.look(identity),
    "ack": lambda verbs, identity, etag, _: verbs.ack(identity, etag),
    "accept": lambda verbs, identity, etag, _: verbs.accept(identity, etag),
}
"""How each verb of `VERBS` is carried out: by the id and the etag of what was shown, with what came along."""


class Changing(Face):
    """The answers to POST. `changed` is called when something was."""

    def __init__(
        self,
        tools: Callable[[], OnCall],
        signing_in: Callable[[], SigningIn],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(tools, signing_in)
        self._changed = changed
        self._pace = Pace()

    def act(self, identity: str, verb: str, body: bytes, query: Values, headers: Values) -> Answer:
        """200 with what was done and the finding as it is now, 202 where it is under way."""
        if verb not in MADE:
            return problem(404, "not found", [f"nothing is called {verb[:40]!r} here"])

        def made(tools: OnCall, caller: Caller) -> Answer:
            asked = _read(body or b"{}", Asked)
            etag = headers.get("if-match", "").strip().removeprefix("W/").strip('"')
            if VERBS[verb].shown and etag in {"", "*"}:
                return problem(
                    428, "say what you saw", ["If-Match is missing: the etag of the finding as shown"]
                )
            make = partial(MADE[verb], tools.verbs(caller), identity, etag, asked)
            request = (verb, identity, etag, body.decode(errors="replace"))
            done = Once(tools, caller, headers).make(make, request)
            self._changed()
            log.info(
                "finding.acted", extra={"verb": verb, "finding": identity, "principal": caller.object_id}
            )
            return _told(tools, caller, done)

        def refusing(tools: OnCall, caller: Caller) -> Answer:
            try:
                return made(tools, caller)
            except ChangedSinceShownError as error:
                found = problem(412, "changed since it was shown", [str(error)])
                finding = in_full(tools, caller, error.place)
                return Answer(412, {**found.body, "finding": finding}, {"ETag": _quoted(error.place[1])})

        return self.change(body, query, headers, None, refusing)

    def change_exemption(self, identity: str, body: bytes, query: Values, headers: Values) -> Answer:
        """200 with the exemption as it is now, or as it was when it was ended; 404 where none is in force."""

        def changed(tools: OnCall, caller: Caller) -> Answer:
            found = _changed_exemption(tools, identity, _read(body, _Change), caller)
            self._changed()
            return found

        return self.change(body, query, headers, "exempt", changed, wrong=400)

    def change(
        self,
        body: bytes,
        query: Values,
        headers: Values,
        right: Right | None,
        make: Callable[[OnCall, Caller], Answer],
        wrong: int = 422,
    ) -> Answer:
        """The answer of a change that our own page or command asked for, by somebody who has the right.

        `wrong` is the status of a body that cannot be used.
        """

        def made(tools: OnCall, caller: Caller) -> Answer:
            if not caller.signed_in:
                return signed_out("sign in with Entra ID; a function key reads and changes nothing")
            if headers.get(GUARD_HEADER, "").strip() != "1":
                return problem(403, "not asked for by our page", ["the header X-Bastion-Guard: 1 is missing"])
            if (refusal := refused(caller, right)) is not None:
                return refusal
            if len(body) > MOST_BYTES:
                return problem(413, "too large", [f"the body has more than {MOST_BYTES} bytes"])
            self._pace.keep(caller.object_id, tools.ports.clock.now())
            return _refusing(partial(make, tools, caller), wrong)

        return self.answer(headers, query, None, made)


def _refusing(make: Callable[[], Answer], wrong: int) -> Answer:
    """The answer, or why what was asked for was not done."""
    try:
        return make()
    except UnheardOfError as error:
        return problem(404, "not found", error.mistakes)
    except RefusedError as error:
        found = problem(409, "refused", [str(error), *error.lines])
        return Answer(
            409, {**found.body, "until": None if error.until is None else shown_moment(error.until)}
        )
    except BusyError as error:
        return problem(409, "busy", [str(error)], {"Retry-After": str(SOON)})
    except InputError as error:
        return problem(wrong, "cannot be used", error.mistakes)


def _told(tools: OnCall, caller: Caller, done: Done) -> Answer:
    body = {"done": done.sentence, "finding": in_full(tools, caller, done.place)}
    written = {"writeId": done.write_id} if done.write_id else {}
    return Answer(202 if done.accepted else 200, {**body, **written}, {"ETag": _quoted(done.place[1])})


def _quoted(record: FindingRecord) -> str:
    return f'"{etag_of(record)}"'


def _read[T](body: bytes, kind: type[T]) -> T:
    """The body of a request; raises InputError where it is none."""
    try:
        return decoded(body, kind)
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
