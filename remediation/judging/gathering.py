"""Read what a judgement needs, each thing once, and remember what could not be read.

The subject comes first: without it there is nothing to judge. Then the rules' `needs`; then, for rules that
suspect something, what a closer look takes. A neighbour that is refused (401, 403) or fails for good is
Unread, which its rules turn into unknown; a transient failure is raised, since looking again later is better
than judging half-blind.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from remediation.baseline import Action, Baseline
from remediation.errors import NOBODY_ASKED, ForbiddenError, PermanentError
from remediation.judging.ahead import Ahead
from remediation.judging.reads import Reads
from remediation.model import Documents, Listing, Resource, Snapshot, Unread
from remediation.resource_id import ResourceId
from remediation.rule import Above, Chosen, Follow, Group, Listed, Need, Rule, follow, group_of, listing

__all__ = ["Gatherer", "Reads", "gather", "is_on"]


class Gatherer:
    """Collects one snapshot; asks for nothing twice."""

    def __init__(self, cloud: Reads, subject: Resource, moment: datetime | None = None) -> None:
        self._cloud = cloud
        self._moment = moment
        self._subject = subject
        self._resources: dict[str, Resource | Unread | None] = {}
        self._lists: dict[tuple[str, str], Sequence[Resource] | Unread] = {}

    def snapshot(self) -> Snapshot:
        return Snapshot(self._subject, dict(self._resources), dict(self._lists), self._moment)

    def satisfy(self, needs: Iterable[Need]) -> None:
        self._satisfy(self._subject, needs)

    def prepare(self, needs: Iterable[Need]) -> None:
        """Have what can be told to be needed read together, by a cloud that can."""
        if isinstance(self._cloud, Ahead):
            self._cloud.prepare(self._subject, needs)

    def _choose(self, resource: Resource, need: Chosen) -> list[ResourceId]:
        """What a choice picks, read together with what it leads to."""
        chosen = list(need.ids(resource, self._so_far()))
        if isinstance(self._cloud, Ahead) and chosen != [self._subject.id]:
            self._cloud.fetch(chosen)
        return chosen

    def _satisfy(self, resource: Resource, needs: Iterable[Need]) -> None:
        for need in needs:
            match need:
                case Follow():
                    found = [self._get(identity) for identity in follow(resource, need)]
                case Listed():
                    found = list(self._list(listing(resource, need)))
                case Group():
                    found = [self._get(group)] if (group := group_of(resource)) else []
                case Above():
                    found = [self._get(above)] if (above := resource.id.up_to(need.to)) else []
                case Chosen():
                    found = [self._get(identity) for identity in self._choose(resource, need)]
            for neighbour in found if need.then else ():
                if neighbour is not None and isinstance(need, Chosen):
                    self._prepare_beyond(neighbour, need.then)
                if neighbour is not None:
                    self._satisfy(neighbour, need.then)

    def _prepare_beyond(self, neighbour: Resource, needs: Sequence[Need]) -> None:
        if isinstance(self._cloud, Ahead):
            self._cloud.prepare(neighbour, needs)

    def _so_far(self) -> Snapshot:
        """A view, not a copy: it is asked before the next read."""
        return Snapshot(self._subject, self._resources, self._lists, self._moment)

    def _get(self, identity: ResourceId) -> Resource | None:
        key = identity.key
        if key == self._subject.id.key:
            return self._subject
        if key not in self._resources:
            self._resources[key] = self._read(identity)
        found = self._resources[key]
        return found if isinstance(found, Resource) else None

    def _read(self, identity: ResourceId) -> Resource | Unread | None:
        try:
            return self._cloud.get(identity)
        except PermanentError as error:
            return Unread(_why(identity.text, error))

    def _list(self, wanted: Listing) -> Sequence[Resource]:
        key = wanted.key
        if key not in self._lists:
            try:
                self._lists[key] = Documents.of(self._cloud.list(wanted))
            except PermanentError as error:
                why = _why(f"{wanted.type} of {wanted.scope}", error)
                self._lists[key] = Unread(why, asked=error.code != NOBODY_ASKED)
        found = self._lists[key]
        return () if isinstance(found, Unread) else found


def _why(what: str, error: PermanentError) -> str:
    reason = "not permitted to read" if isinstance(error, ForbiddenError) else "cannot read"
    return f"{reason} {what}: {error}"


def gather(
    cloud: Reads,
    subject: Resource,
    rules: Iterable[Rule],
    baseline: Baseline,
    moment: datetime | None = None,
) -> Snapshot:
    """Read what the rules need to judge `subject` at a moment.

    Raises TransientError when ARM does not answer now.
    """
    asking = [rule for rule in rules if is_on(rule, subject, baseline)]
    gatherer = Gatherer(cloud, subject, moment)
    gatherer.prepare(need for rule in asking for need in rule.needs)
    for rule in asking:
        gatherer.satisfy(rule.needs)
    first_look = gatherer.snapshot()
    suspecting = [rule for rule in asking if rule.wants_a_closer_look(first_look, baseline)]
    gatherer.prepare(need for rule in suspecting for need in rule.closer)
    for rule in suspecting:
        gatherer.satisfy(rule.closer)
    return gatherer.snapshot() if suspecting else first_look


def is_on(rule: Rule, subject: Resource, baseline: Baseline) -> bool:
    """Whether a rule is to be asked about a resource at all."""
    if rule.by_environment and not baseline.knows_environments:
        return False
    action = baseline.action_for(rule.id, subject)
    return rule.on_by_default if action is None else action is not Action.OFF
