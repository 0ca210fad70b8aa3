"""What is asked for with the same Idempotency-Key is done once, and answered with what came of it."""

from collections.abc import Callable, Mapping

from remediation.errors import InputError
from remediation.ledger.decided.acts import Act, Acts
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.keys import short
from remediation.model.records import name_of
from remediation.on_call.acting.caller import Caller
from remediation.on_call.acting.refusals import BusyError, UnheardOfError
from remediation.on_call.acting.verbs import Done
from remediation.on_call.listing.pages import Place
from remediation.on_call.tools import OnCall
from remediation.resource_id import ResourceId

KEY = "idempotency-key"
LONGEST = 200


class Once:
    """The requests of one caller. Without a key each is made as it comes."""

    def __init__(self, tools: OnCall, caller: Caller, headers: Mapping[str, str]) -> None:
        self._acts = Acts(tools.ports.ledger)
        self._book = FindingsBook(tools.ports.ledger)
        self._now = tools.ports.clock.now
        self._caller = caller
        self._key = headers.get(KEY, "").strip()
        if len(self._key) > LONGEST or not self._key.isprintable():
            raise InputError(f"Idempotency-Key: must be printable text of at most {LONGEST} characters")

    def make(self, make: Callable[[], Done], request: tuple[str, ...]) -> Done:
        """Carry a request out, or tell what came of it; raises InputError for a key that was for another.

        What fails may be tried again with the same key.
        """
        if not self._key:
            return make()
        act = Act(by=self._caller.object_id, asked=short(*request), begun=self._now())
        earlier = self._acts.begin(act, self._key)
        if earlier is not None:
            return self._again(earlier, act)
        try:
            done = make()
        except BaseException:
            self._acts.forget(act, self._key)
            raise
        self._acts.end(_ended(act, done), self._key)
        return done

    def _again(self, earlier: Act, act: Act) -> Done:
        if earlier.asked != act.asked:
            raise InputError("Idempotency-Key: was used for another request; use another one")
        if not earlier.ended:
            raise BusyError("the same request is being carried out")
        return Done(earlier.done, self._place(earlier), earlier.write_id, earlier.accepted)

    def _place(self, earlier: Act) -> Place:
        record = self._book.find(earlier.target, name_of(earlier.rule, earlier.resource))
        if record is None:
            raise UnheardOfError("it was done, and the finding was forgotten meanwhile")
        return ResourceId.parse(earlier.target).text, record


def _ended(act: Act, done: Done) -> Act:
    target, record = done.place
    return Act(
        by=act.by,
        asked=act.asked,
        begun=act.begun,
        done=done.sentence,
        write_id=done.write_id,
        accepted=done.accepted,
        target=target,
        rule=record.rule,
        resource=record.resource,
    )
