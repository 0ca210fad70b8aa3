"""What a rule is, and how it says which neighbours it needs.

A rule is a pure function of (subject, snapshot, baseline) that yields Violations. Where it cannot tell it
raises UndecidedError, mostly by asking for what was not read; where rules are called that becomes a Doubt.
`Doubts` collects such reasons where a rule goes on asking. What it must have
read beside its subject it declares as data: `needs` always, `closer` only when `suspects` says that a closer
look is worth the reads. `reconcile` reads exactly that from ARM, once; `scan` answers the same needs from a
file. A subject whose own document `refuses` finds wanting is not judged at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from remediation.baseline import Baseline
from remediation.errors import InvalidResourceId
from remediation.model import (
    Applicability,
    Finding,
    Fix,
    Listing,
    NoFix,
    Resource,
    Severity,
    Snapshot,
    UndecidedError,
    Violation,
)
from remediation.resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Follow:
    """Read what the ids at `path` name (``properties.subnets[].id``), then go on from each with `then`.

    `to` cuts an id back to the nearest ancestor of that type (an ip configuration's id to its NIC) and
    passes over ids that have none.
    """

    path: str
    then: tuple["Need", ...] = ()
    to: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """Read the list of `type` on the resource itself, or of its whole subscription, then go on from each."""

    type: str
    scope: Literal["resource", "subscription"] = "resource"
    then: tuple["Need", ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Read the resource group of the resource."""

    then: tuple["Need", ...] = ()


@dataclass(frozen=True, slots=True)
class Above:
    """Read the nearest ancestor of type `to` (lower case) of the resource itself: a subnet's network."""

    to: str
    then: tuple["Need", ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Read what `ids` picks on a resource, seeing what was read so far, then go on from each with `then`.

    For reads worth making of some neighbours only. A resource that picks itself costs nothing: its `then` is
    read only where it matters.
    """

    ids: Callable[[Resource, Snapshot], Iterable[ResourceId]]
    then: tuple["Need", ...] = ()


type Need = Follow | Listed | Group | Above | Chosen


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule's answer where something it needs is unread, unreadable or not in its data.

    `subject` names a part of the judged resource (a subnet of a network) where only that is doubtful.
    """

    reason: str
    subject: ResourceId | None = None


class Doubts:
    """Why parts of a question cannot be told, each reason once, while the rest of it is still asked."""

    def __init__(self) -> None:
        self.reasons: dict[str, None] = {}

    def add(self, reason: str) -> None:
        self.reasons[reason] = None

    def extend(self, others: "Doubts") -> None:
        self.reasons |= others.reasons

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what cannot be told inside, and go on after it."""
        try:
            yield
        except UndecidedError as error:
            self.add(error.reason)

    def ask[**P, T](self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The answer to one question; None where it cannot be told, which is noted."""
        try:
            return question(*args, **kwargs)
        except UndecidedError as error:
            self.add(error.reason)
            return None

    def __bool__(self) -> bool:
        return bool(self.reasons)

    def __iter__(self) -> Iterator[Doubt]:
        return (Doubt(reason) for reason in self.reasons)


type Verdict = Violation | Doubt
type Check = Callable[[Resource, Snapshot, Baseline], Iterator[Verdict]]
type Suspicion = Callable[[Resource, Snapshot, Baseline], bool]
type Refusal = Callable[[Resource], str | None]
"""Why the document of a subject is not enough to judge it, a mere reference say; None where it is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One checkable statement. `guidance` names the clauses it checks, none where no clause fits.

    `because` says in one sentence, for each severity that it gives, why it is no more and no less than that.
    A rule `by_environment` judges by the environments that the baseline names, and is silent where it names
    none. `about` is the type (lower case) of the children it judges, where it says nothing of the resource
    itself: then they can be judged without their parent's document.
    """

    id: str
    title: str
    severity: Severity
    applies_to: tuple[str, ...]
    guidance: tuple[str, ...]
    check: Check
    because: Mapping[Severity, str]
    applicability: Applicability = Applicability.ALERT
    needs: tuple[Need, ...] = ()
    closer: tuple[Need, ...] = ()
    suspects: Suspicion | None = None
    refuses: Refusal | None = None
    on_by_default: bool = True
    by_environment: bool = False
    about: str = ""
    documentation: str = field(default="", repr=False)

    def verdicts(self, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
        """What the rule says of a snapshot's subject, a doubt where it cannot tell."""
        refusal = None if self.refuses is None else self.refuses(snapshot.subject)
        if refusal is not None:
            yield Doubt(refusal)
            return
        try:
            yield from self.check(snapshot.subject, snapshot, baseline)
        except UndecidedError as error:
            yield Doubt(error.reason, error.subject)

    def wants_a_closer_look(self, snapshot: Snapshot, baseline: Baseline) -> bool:
        """Whether what `closer` reads is worth it; where that cannot be told, the doubt stands anyway."""
        if not self.closer or self.suspects is None:
            return bool(self.closer)
        try:
            return self.suspects(snapshot.subject, snapshot, baseline)
        except UndecidedError:
            return False

    def finding(self, subject: Resource, violation: Violation) -> Finding:
        """A violation with the rule's own facts added."""
        severity = self.severity if violation.severity is None else violation.severity
        return Finding(
            rule=self.id,
            resource=violation.subject or subject.id,
            severity=severity,
            because=self.because.get(severity, ""),
            title=self.title,
            message=violation.message,
            guidance=self.guidance,
            evidence=violation.evidence,
            fix=violation.fix if isinstance(violation.fix, Fix) else None,
            no_fix=violation.fix if isinstance(violation.fix, NoFix) else None,
            witness=violation.witness,
            latent=violation.latent,
            commands=violation.commands,
            confirm_after=violation.confirm_after,
            too_early=violation.too_early,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "severity": self.severity.text,
            "resourceTypes": list(self.applies_to),
            "guidance": list(self.guidance),
            "applicability": self.applicability.text,
        }


def rule(
    identity: str,
    *,
    title: str,
    applies_to: tuple[str, ...],
    severity: Severity,
    because: Mapping[Severity, str],
    guidance: tuple[str, ...] = (),
    applicability: Applicability = Applicability.ALERT,
    needs: tuple[Need, ...] = (),
    closer: tuple[Need, ...] = (),
    suspects: Suspicion | None = None,
    refuses: Refusal | None = None,
    on_by_default: bool = True,
    by_environment: bool = False,
    about: str = "",
) -> Callable[[Check], Rule]:
    """Turn a check into a Rule; its docstring becomes the rule's documentation."""

    def decorate(check: Check) -> Rule:
        return Rule(
            identity, title, severity, applies_to, guidance, check, because, applicability, needs, closer,
            suspects, refuses, on_by_default, by_environment, about, check.__doc__ or "",
        )  # fmt: skip

    return decorate


def ids_at(value: Any, path: str) -> Iterator[ResourceId]:
    """The well-formed resource ids at a path such as ``properties.subnets[].id``."""
    for text in values_at(value, path):
        try:
            yield ResourceId.parse(text)
        except InvalidResourceId:
            continue


def values_at(value: Any, path: str) -> Iterator[Any]:
    """Every value at a path of keys, ``[]`` after a key meaning each element of its list."""
    found = [value]
    for key, many in _steps(path):
        inside = [one.get(key) for one in found if type(one) is dict or isinstance(one, Mapping)]
        if many:
            inside = [item for each in inside if isinstance(each, list) for item in each]
        found = [one for one in inside if one is not None]
    return iter(found)


@lru_cache(maxsize=512)  # the paths that rules are written with, and then some
def _steps(path: str) -> tuple[tuple[str, bool], ...]:
    """The keys of a path, each with whether the elements of its list are meant."""
    return tuple((part.removesuffix("[]"), part.endswith("[]")) for part in path.split("."))


def follow(resource: Resource, need: Follow) -> Iterator[ResourceId]:
    """The ids a Follow means on a resource."""
    for identity in ids_at(resource.body, need.path):
        target = identity.up_to(need.to) if need.to else identity
        if target is not None:
            yield target


def group_of(resource: Resource) -> ResourceId | None:
    """The id of the resource group a resource lies in; None for what lies in none."""
    at = resource.id.key.find("/providers/")
    text = resource.id.text[:at] if at > 0 else ""
    return ResourceId.parse(text) if "/resourcegroups/" in text.lower() else None


def listing(resource: Resource, need: Listed) -> Listing:
    """The list a Listed means on a resource."""
    scope = resource.id.text if need.scope == "resource" else f"/subscriptions/{resource.id.subscription}"
    return Listing(need.type, scope)


def without_properties(subject: Resource) -> str | None:
    """Refuses a document that is a mere reference."""
    if isinstance(subject.properties(), Mapping):
        return None
    return f"{subject.id.name} came without its properties"
