"""What people on call can do, put together once: replay, see what would happen, read history, take back."""

from dataclasses import dataclass
from datetime import datetime

from remediation.baseline import Baseline
from remediation.errors import ForbiddenError
from remediation.on_call.history import Historian
from remediation.on_call.importing import Imported, Importer
from remediation.on_call.preview import Preview, Prospect
from remediation.on_call.replay import NOBODY, Gathered, Replayer, Sources, Watch
from remediation.on_call.replay_request import Request
from remediation.on_call.undo import Undoer
from remediation.policy import Policy
from remediation.ports import Announcer, Clock, Cloud, Ledger, Queue
from remediation.reconciling.reconciler import Reconciler
from remediation.telling.announcing import Herald
from remediation.telling.sender import Sender


@dataclass(frozen=True, slots=True)
class OnCall:
    """The tools, on the ports that the app itself works with."""

    cloud: Cloud
    ledger: Ledger
    queue: Queue
    clock: Clock
    baseline: Baseline
    policy: Policy
    herald: Herald
    announcer: Announcer
    sender: Sender
    sources: Sources

    def replay(self, request: Request, watch: Watch = NOBODY, deadline: datetime | None = None) -> Gathered:
        """Queue what is asked for; raises ForbiddenError for a subscription that is not watched."""
        self._permit(request)
        return Replayer(self.sources, self.clock).replay(request, self.queue, watch, deadline)

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
        parts = self.cloud, self.ledger, self.clock, self.baseline, self.policy
        preview = Preview(*parts, request.rule)
        with Replayer(self.sources, self.clock).gathered(request, deadline) as gathered:
            watch.begin(len(gathered.work))
            messages = [past.message for past in gathered.work.values()]
            found, left = preview.prospects(messages, watch, most=most, deadline=deadline)
            return gathered, found, left

    def take_in(self) -> Imported:
        """Take dead letters and poison in again, once."""
        return Importer(self.sources, self.queue, self.herald, self.clock).run()

    def worker(self, queue: Queue) -> Reconciler:
        """A reconciler of our own that hands work on to `queue`."""
        parts = self.cloud, self.ledger, queue, self.announcer, self.clock, self.baseline, self.policy
        return Reconciler(*parts)

    def history(self) -> Historian:
        return Historian(self.ledger)

    def undoer(self, by: str) -> Undoer:
        return Undoer(self.cloud, self.ledger, self.queue, self.clock, self.policy, by)

    def _permit(self, request: Request) -> None:
        about = request.resource
        if about is not None and not self.policy.covers(about):
            raise ForbiddenError(f"subscription {about.subscription} is not one of SUBSCRIPTIONS")
