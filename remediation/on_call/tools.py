"""What people on call can do, put together once: replay, see what would happen, read history, take back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from remediation.baseline import Baseline
from remediation.errors import ConfigurationError, ForbiddenError
from remediation.intake.fetching.port import ChangeLog
from remediation.judging.consenting import Consent
from remediation.on_call.acting.caller import Caller
from remediation.on_call.acting.exempting import Exempting
from remediation.on_call.acting.verbs import Verbs
from remediation.on_call.declaring.accepting import Accepter
from remediation.on_call.declaring.files import Declarer
from remediation.on_call.exemptions import Exempter
from remediation.on_call.history import Historian
from remediation.on_call.importing import Imported, Importer
from remediation.on_call.preview import Preview, Prospect
from remediation.on_call.replay import NOBODY, Gathered, Replayer, Sources, Watch
from remediation.on_call.replay_request import Request
from remediation.on_call.undo import Undoer
from remediation.on_call.why.asking import Asker
from remediation.policy import Policy
from remediation.ports import Ports, Queue
from remediation.reconciling.composition import SHIPPED, compose
from remediation.reconciling.declaring.files import DeclaredFiles
from remediation.reconciling.in_force.keeper import Keeper
from remediation.reconciling.in_force.watch import InForceToTheEnd
from remediation.reconciling.in_force.watch import Watch as InForceWatch
from remediation.reconciling.reconciler import Reconciler
from remediation.telling.announcing import Herald
from remediation.telling.switchboard import CardSender


def _nobody() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class OnCall:
    """The tools, on the ports that the app itself works with.

    `standard` gives the baseline to those that judge, and raises ConfigurationError where there is none;
    history and undo do without. `keeper` stops and starts all writing. `person` says who is signed in, if
    anybody. `declared` is the container of declarations, where the storage is known, `changes` ARM's own log.
    """

    ports: Ports
    standard: Callable[[], Baseline]
    policy: Policy
    herald: Herald
    sender: CardSender
    sources: Sources
    in_force: InForceWatch
    keeper: Keeper
    person: Callable[[], str] = _nobody
    declared: DeclaredFiles | None = None
    changes: ChangeLog | None = None

    def replay(self, request: Request, watch: Watch = NOBODY, deadline: datetime | None = None) -> Gathered:
        """Queue what is asked for; raises ForbiddenError for a subscription that is not watched."""
        self._permit(request)
        replayer = Replayer(self.sources, self.ports.clock)
        return replayer.replay(request, self.ports.queue, watch, deadline)

    def preview(
        self,
        request: Request,
        *,
        most: int,
        watch: Watch = NOBODY,
        deadline: datetime | None = None,
    ) -> tuple[Gathered, list[Prospect], int]:
        """What a replay would lead to, for at most `most` targets; and how many were left out."""
        self._permit(request)
        preview = Preview(self.ports, self.standard(), self.policy, request.rule)
        with Replayer(self.sources, self.ports.clock).gathered(request, deadline) as gathered:
            watch.begin(len(gathered.work))
            messages = [past.message for past in gathered.work.values()]
            found, left = preview.prospects(messages, watch, most=most, deadline=deadline)
            return gathered, found, left

    def take_in(self) -> Imported:
        """Take dead letters and poison in again, once."""
        return self.importer().run()

    def importer(self) -> Importer:
        return Importer(self.sources, self.ports.queue, self.herald, self.ports.clock)

    def on_queue(self, queue: Queue) -> "OnCall":
        """The same tools with a queue of one's own."""
        return replace(self, ports=replace(self.ports, queue=queue))

    def worker(self) -> Reconciler:
        """A reconciler of our own, on the queue of these tools."""
        parts = replace(SHIPPED, still_in_force=InForceToTheEnd)
        watched = self.in_force if self.in_force.latest() is not None else None
        ports, log = self.ports, self.changes
        return compose(ports, self.standard(), self.policy, components=parts, watch=watched, changes=log)

    def verbs(self, caller: Caller) -> Verbs:
        """What a person may do about a finding."""
        return Verbs(
            self.ports,
            self.policy,
            self.herald,
            self._worker_for,
            lambda by: Exempting(self.ports, self.policy, self.standard(), by),
            lambda by: Accepter(self.ports, self.standard(), by.name or by.object_id),
            self.stopped,
            caller,
        )

    def _worker_for(self, consent: Consent | None) -> Reconciler:
        """A worker as the app has them, which writes only while what it judges by is in force."""
        watched = self.in_force if self.in_force.latest() is not None else None
        ports, log = self.ports, self.changes
        return compose(ports, self.standard(), self.policy, watch=watched, consent=consent, changes=log)

    def stopped(self) -> str:
        """Who stopped all writing, when and why; "" where nobody did, or no baseline tells."""
        try:
            return self.standard().stopped
        except ConfigurationError:
            return ""

    def history(self) -> Historian:
        return Historian(self.ports.ledger, self.policy.retention)

    def asker(self) -> Asker:
        """Answers why something was, or was not, repaired."""
        return Asker(self.ports, self.standard(), self.policy)

    def exempter(self, by: str) -> Exempter:
        """Lists, ends and moves exemptions, in the name of `by`."""
        return Exempter(self.ports, self.standard, by)

    def declarer(self, by: str) -> Declarer:
        """Gives declarations of files to the app, in the name of `by`."""
        assert self.declared is not None
        ports, watched = self.ports, self.policy.subscriptions
        return Declarer(self.declared, ports.ledger, ports.clock, watched, by)

    def undoer(self, by: str) -> Undoer:
        return Undoer(self.ports, self.policy, by)

    def _permit(self, request: Request) -> None:
        about = request.resource
        if about is not None and not self.policy.covers(about):
            raise ForbiddenError(f"subscription {about.subscription} is not one of SUBSCRIPTIONS")
