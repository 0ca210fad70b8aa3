"""One case of one rule: documents around a subject, a baseline, and what the rule is to say.

Each module of `tests/rules/cases/` is named after its rule and has `CASES`. The laws of the registry run
over all of them: silent cases stay silent, speaking ones speak, fixes silence, nothing is mutated.
"""

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from remediation import baseline
from remediation.adapters.memory.cloud import MemoryCloud
from remediation.errors import ForbiddenError
from remediation.judging.evaluation import judge
from remediation.judging.gathering import gather
from remediation.model import Judgement, Listing, Resource, Snapshot
from remediation.resource_id import ResourceId
from remediation.rules import registry

type Document = dict[str, Any]
type Says = Literal["silent", "speaks", "unknown"]


@dataclass(frozen=True, slots=True)
class Case:
    """`subject`: id of the judged resource; `severity` and `on` (the finding's own id) where they matter.

    `moment` is the time of the judgement, for rules that depend on one; `unread` are ids, and types of lists,
    that ARM refuses to show.
    """

    name: str
    says: Says
    subject: str
    documents: tuple[Document, ...]
    baseline: Mapping[str, Any] = field(default_factory=dict)
    severity: str | None = None
    on: str | None = None
    moment: datetime | None = None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusing:
    """What may be read of a cloud by somebody who is not shown everything."""

    cloud: MemoryCloud
    hidden: frozenset[str]

    def get(self, resource: ResourceId) -> Resource | None:
        self._check(resource.key)
        return self.cloud.get(resource)

    def list(self, listing: Listing) -> Sequence[Resource]:
        self._check(listing.type.lower())
        return self.cloud.list(listing)

    def _check(self, name: str) -> None:
        if name in self.hidden:
            raise ForbiddenError("AuthorizationFailed", code="AuthorizationFailed")


def all_cases() -> Iterator[tuple[str, Case]]:
    """Every case with the id of its rule."""
    package = importlib.import_module("tests.unit.rules.cases")
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for case in module.CASES:
            yield info.name.replace("_", "-"), case


def standard(case: Case, rule: str) -> baseline.Baseline:
    """The case's baseline, with its rule turned on in case it is off by default."""
    document = {"version": 1, "mode": "enforce", "rules": {rule: {"action": "fix"}}, **case.baseline}
    return _read(str(document))


@functools.cache
def _read(text: str) -> baseline.Baseline:
    return baseline.read(text, known_rules=list(registry()))


def snapshot_of(rule: str, case: Case) -> Snapshot:
    """What the rule's needs read from the case's documents."""
    subject = next(document for document in case.documents if document["id"].lower() == case.subject.lower())
    cloud = MemoryCloud(*case.documents)
    resource = cloud.get(ResourceId.parse(subject["id"]))
    assert isinstance(resource, Resource)
    hidden = frozenset(name.lower() for name in case.unread)
    return gather(Refusing(cloud, hidden), resource, [registry()[rule]], standard(case, rule), case.moment)


def judged(rule: str, case: Case) -> Judgement:
    """What the rule alone says of the case."""
    return judge(snapshot_of(rule, case), [registry()[rule]], standard(case, rule))
