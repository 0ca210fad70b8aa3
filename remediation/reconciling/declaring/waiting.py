"""When what differs may be told and put back: not before it is clear that no deployment did it.

An event says who changed a resource, and the event of a deployment may still be on its way. So a difference
waits for as long as events come out of order, and one of which no event tells for as long as a deployment
takes to settle. Before a write by itself the activity log is asked as well.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from remediation.declared.declaration import Declaration
from remediation.declared.deployed.places import place_of
from remediation.errors import BastionGuardError, InputError, TransientError
from remediation.intake import events
from remediation.intake.fetching.port import ChangeLog
from remediation.intake.records import event_of
from remediation.messages import Message, actor_fields
from remediation.model import Finding
from remediation.reconciling.declaring.hearing import Hearer
from remediation.reconciling.declaring.reckoning import Reason
from remediation.resource_id import ResourceId

ON_ITS_WAY = "a deployment may have done it whose event is still on its way"
NOBODY_TOLD = "no event tells who changed it, so that a deployment may have done it"
LOOK_BACK = timedelta(hours=2)
"""How far back the log is read: what came before, the hourly check has heard of."""
MOST_PAGES = 20
AROUND = timedelta(minutes=10)
"""How far from the moment that an event tells the log is searched for the write."""
LOG_DELAY = timedelta(minutes=20)
"""By then the log has what happened; it mostly takes minutes."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Decides how long a difference waits. `margin` is by how much events come out of order."""

    hearer: Hearer
    margin: timedelta
    settle: timedelta

    def hint(self, message: Message) -> str:
        """Which id to add where the change was a robot's that is no deployer; "" for a person's."""
        name, known = message.actor.get("name", ""), self.hearer.is_deployer(message.actor)
        identity = message.actor.get("objectId") or message.actor.get("appId", "")
        if known or not identity or "@" in name:
            return ""
        return f"if {name or 'it'} deploys, add {identity} to declared.deployers of the baseline"

    def waits(self, finding: Finding, message: Message, now: datetime) -> tuple[Finding, Reason | None]:
        """The finding, to be told after a second look where that is due, and why it is not put back yet."""
        if not self._tells_who(message):
            why: Reason = (NOBODY_TOLD, None)
            return replace(finding, confirm_after=self.settle), None if finding.fix is None else why
        assert message.event_time is not None
        ripe = message.event_time + self.margin
        if now >= ripe:
            return finding, None
        held = None if finding.fix is None else (ON_ITS_WAY, ripe)
        return replace(finding, confirm_after=ripe - now), held

    def _tells_who(self, message: Message) -> bool:
        """Whether we answer an event that names who made the change, and that is no deployer."""
        named = bool(message.actor) and message.event_time is not None and bool(message.event_id)
        return named and not self.hearer.is_deployer(message.actor)


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks the activity log whether a deployer has written what no event has told of yet."""

    log: ChangeLog
    hearer: Hearer

    def why_not(self, resource: ResourceId, spoken: datetime | None, now: datetime) -> str:
        """Why a resource is not written now; "" where the log knows of no deployer since he has `spoken`.

        Raises TransientError.
        """
        since = max(now - LOOK_BACK, spoken or now - LOOK_BACK)
        try:
            for number, page in enumerate(self.log.pages(resource.subscription, since, None)):
                if number >= MOST_PAGES:
                    return "the activity log is too long to tell whether a deployment did it"
                if any(self._is_a_deployers(record, resource, spoken) for record in page.records):
                    return "the activity log says that a deployment wrote it; its event is on its way"
        except TransientError:
            raise
        except BastionGuardError as error:
            return f"whether a deployment did it cannot be read: {error}"
        return ""

    def confirms(self, declaration: Declaration) -> bool:
        """Whether the log knows that a deployer wrote a resource when an event said so.

        Raises what reading it raises.
        """
        spoken = declaration.source.at
        assert spoken is not None
        before, until = spoken - AROUND, spoken + AROUND
        pages = self.log.pages(declaration.id.subscription, before, until)
        return any(
            self._is_a_deployers(record, declaration.id, before)
            for page, _ in zip(pages, range(MOST_PAGES), strict=False)
            for record in page.records
        )

    def _is_a_deployers(self, record: object, resource: ResourceId, spoken: datetime | None) -> bool:
        event = event_of(record) if isinstance(record, dict) else None
        if event is None:
            return False
        try:
            change = events.parse(event)
        except InputError:
            return False
        place = place_of(change.target)
        if place is None or place.resource not in {resource, *_above(resource)}:
            return False
        later = spoken is None or change.event_time is None or change.event_time > spoken
        return later and self.hearer.is_deployer(actor_fields(change.actor))


def _above(resource: ResourceId) -> tuple[ResourceId, ...]:
    """A network, whose write is one of its subnets."""
    return () if resource.parent is None else (resource.parent,)
