"""A subscription as it is now, read by type: each list and each document once, and nothing is written.

Lists answer most needs. What a list does not show is asked for by itself, since a list leaves out what the
caller may not see. What is refused, or does not come in spite of patience, is unread; `export` keeps that
apart from what is not there, so that a scan of the export says the same as the live one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from remediation.arm_lists import INHERITED, is_broad, parent_to_list_first, parent_type, stands_on
from remediation.errors import InputError, NothingShownError, PermanentError, ThrottledError, TransientError
from remediation.estates.contents import children
from remediation.estates.scanning import Subject
from remediation.judging.gathering import Reads
from remediation.kinds import EFFECTIVE_ADMIN_RULE, INLINE_CHILDREN, LEADS, RESOURCE_GROUP, canonical
from remediation.model import Documents, Listing, Resource
from remediation.ports import Clock
from remediation.resource_id import ResourceId

type Answer = Resource | PermanentError | None
type Answers = tuple[Resource, ...] | PermanentError


class NoAnswerError(PermanentError):
    """ARM did not answer in spite of all patience, or nobody is signed in."""


TRIES = 8
LONGEST_WAIT = 300.0
WAIT_WHEN_UNTOLD = 20.0


class Live:
    """Answers reads from what was read before, else from ARM. `say` is told about waits."""

    def __init__(self, cloud: Reads, subscription: str, clock: Clock, say: Callable[[str], None]) -> None:
        self._cloud = cloud
        self._scope = ResourceId.parse(f"/subscriptions/{subscription}")
        self._clock = clock
        self._say = say
        self._documents: dict[str, tuple[ResourceId, Answer]] = {}
        self._lists: dict[tuple[str, str], tuple[Listing, Answers]] = {}

    def subjects(self, kinds: Iterable[str]) -> Sequence[Subject]:
        """Every resource of the types; a type that may not be listed is a subject that cannot be judged.

        Raises InputError when nothing at all may be listed: there is no such subscription for the caller.
        """
        found: list[Subject] = []
        errors: list[PermanentError] = []
        wanted = sorted(kinds)
        for kind in wanted:
            try:
                found += [Subject(one) for one in self.list(Listing(kind, self._scope.text))]
            except PermanentError as error:
                if isinstance(error, NoAnswerError) and not found:
                    raise InputError(f"--subscription {self._scope.name}: {error}") from error
                errors.append(error)
                flaw = f"its {kind} cannot be listed: {error}"
                found.append(Subject(Resource(self._scope, {"id": self._scope.text}), flaw=flaw))
        if len(errors) == len(wanted):
            raise NothingShownError(f"--subscription {self._scope.name}: {errors[0]}")
        return found

    def get(self, resource: ResourceId) -> Resource | None:
        """A document, from its list or its parent where they have it; PermanentError where it is refused."""
        if resource.type in INLINE_CHILDREN and resource.parent is not None:
            parent = self.get(resource.parent)
            return None if parent is None else children(parent, resource.type).get(resource.name.lower())
        if resource.key not in self._documents and self._is_listed(resource):
            self._answers(Listing(resource.type, self._scope.text))
        if resource.key not in self._documents:
            self._documents[resource.key] = resource, self._ask(lambda: self._cloud.get(resource))
        answer = self._documents[resource.key][1]
        if isinstance(answer, PermanentError):
            raise answer
        return answer

    def list(self, listing: Listing) -> Sequence[Resource]:
        """A list; PermanentError where it is refused."""
        kind, scope = canonical(listing.type), ResourceId.parse(listing.scope)
        if kind in INLINE_CHILDREN and not is_broad(scope):
            parent = self.get(scope)
            return () if parent is None else tuple(children(parent, kind).values())
        if kind in INHERITED and scope.subscription == self._scope.subscription:
            every = self._answers(Listing(listing.type, self._scope.text))
            return tuple(one for one in _or_raise(every) if stands_on(one.id, scope.key))
        return _or_raise(self._answers(listing))

    def read_leads(self) -> None:
        """Read whatever a way in may lead through, asked for by a rule or not; a refusal is kept as one."""
        for kind in LEADS:
            with suppress(PermanentError):
                self.list(Listing(kind, self._scope.text))

    @property
    def asked(self) -> int:
        """How many documents and lists ARM was asked for."""
        return len(self._documents) + len(self._lists)

    def export(self) -> dict[str, Any]:
        """What was read as an estate file, with what is known to be gone and what was refused."""
        return {
            "value": [dict(resource.body) for resource in self._read()],
            "bastionGuard": {
                "listed": sorted({kind for (kind, _), (_, answer) in self._lists.items() if _good(answer)}),
                "gone": [identity.text for identity, answer in self._documents.values() if answer is None],
                "unread": list(self._refused()),
                "effectiveAdminRules": dict(self._effective()),
            },
        }

    def _read(self) -> Iterator[Resource]:
        seen: dict[str, Resource] = {}
        for _, answer in self._documents.values():
            if isinstance(answer, Resource) and answer.id.type not in INLINE_CHILDREN:
                seen[answer.id.key] = answer
        yield from (seen[key] for key in sorted(seen))

    def _effective(self) -> Iterator[tuple[str, Sequence[dict[str, Any]]]]:
        """The rules that govern each network that was asked."""
        for asked, answer in self._lists.values():
            asked_one = _is_effective(asked) and not is_broad(ResourceId.parse(asked.scope))
            if asked_one and not isinstance(answer, PermanentError):
                yield asked.scope, [dict(rule.body) for rule in answer]

    def _refused(self) -> Iterator[dict[str, str]]:
        for identity, answer in self._documents.values():
            if isinstance(answer, PermanentError):
                yield {"id": identity.text, "reason": str(answer)}
        for listing, answers in self._lists.values():
            if isinstance(answers, PermanentError):
                yield {"type": listing.type, "scope": listing.scope, "reason": str(answers)}

    def _is_listed(self, resource: ResourceId) -> bool:
        """Whether one list of the subscription shows resources of this type, with their properties."""
        if resource.subscription != self._scope.subscription or resource.extended is not None:
            return False
        return resource.type == RESOURCE_GROUP or parent_type(resource.type) is None

    def _answers(self, listing: Listing) -> Answers:
        key = canonical(listing.type), listing.scope.lower()
        if key not in self._lists:
            answers = self._ask(lambda: Documents.of(self._fresh(listing)))
            self._lists[key] = listing, answers
            for resource in () if isinstance(answers, PermanentError) or _is_effective(listing) else answers:
                self._documents.setdefault(resource.id.key, (resource.id, resource))
        return self._lists[key][1]

    def _fresh(self, listing: Listing) -> Sequence[Resource]:
        """A list from ARM; of children under a subscription, from their parents, which are read once."""
        above = parent_to_list_first(listing.type, ResourceId.parse(listing.scope))
        if above is None:
            return self._cloud.list(listing)
        parents = self.list(Listing(above, listing.scope))
        return [child for one in parents for child in self.list(Listing(listing.type, one.id.text))]

    def _ask[T](self, read: Callable[[], T]) -> T | PermanentError:
        """One question to ARM, as patient as ARM wants us to be; a refusal is an answer too."""
        for _ in range(TRIES):
            try:
                return read()
            except PermanentError as error:
                return error
            except ThrottledError as error:
                wait = error.retry_after or WAIT_WHEN_UNTOLD
                if wait > LONGEST_WAIT:
                    return PermanentError(f"ARM asks to wait {wait:.0f} seconds: {error}")
                self._say(f"ARM asks everybody to slow down; waiting {wait:.0f} seconds")
                self._clock.sleep(wait)
            except TransientError as error:
                return NoAnswerError(f"ARM does not answer: {error}")
        return PermanentError("ARM keeps asking to slow down")


def _is_effective(asked: Listing) -> bool:
    """Whether a list is of what governs a network: its elements are parts of rules, not the rules."""
    return canonical(asked.type) == EFFECTIVE_ADMIN_RULE


def _good(answers: Answers) -> bool:
    return not isinstance(answers, PermanentError)


def _or_raise(answers: Answers) -> tuple[Resource, ...]:
    if isinstance(answers, PermanentError):
        raise answers
    return answers
