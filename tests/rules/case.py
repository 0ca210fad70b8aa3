"""One case of one rule: documents around a subject, a baseline, and what the rule is to say.

Each module of `tests/rules/cases/` is named after its rule and has `CASES`. The laws of the registry run
over all of them: silent cases stay silent, speaking ones speak, fixes silence, nothing is mutated.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from remediation import baseline
from remediation.adapters.memory_cloud import MemoryCloud
from remediation.evaluation import judge
from remediation.gathering import gather
from remediation.model import Judgement, Resource, ResourceId, Snapshot
from remediation.rules import registry

type Document = dict[str, Any]
type Says = Literal["silent", "speaks", "unknown"]


@dataclass(frozen=True, slots=True)
class Case:
    """`subject`: id of the judged resource; `severity` and `on` (the finding's own id) where they matter."""

    name: str
    says: Says
    subject: str
    documents: tuple[Document, ...]
    baseline: Mapping[str, Any] = field(default_factory=dict)
    severity: str | None = None
    on: str | None = None


def all_cases() -> Iterator[tuple[str, Case]]:
    """Every case with the id of its rule."""
    package = importlib.import_module("tests.rules.cases")
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for case in module.CASES:
            yield info.name.replace("_", "-"), case


def standard(case: Case, rule: str) -> baseline.Baseline:
    """The case's baseline, with its rule turned on in case it is off by default."""
    document = {"version": 1, "mode": "enforce", "rules": {rule: {"action": "fix"}}, **case.baseline}
    return baseline.read(str(document), known_rules=list(registry()))


def snapshot_of(rule: str, case: Case) -> Snapshot:
    """What the rule's needs read from the case's documents."""
    subject = next(document for document in case.documents if document["id"].lower() == case.subject.lower())
    cloud = MemoryCloud(*case.documents)
    resource = cloud.get(ResourceId.parse(subject["id"]))
    assert isinstance(resource, Resource)
    return gather(cloud, resource, [registry()[rule]], standard(case, rule))


def judged(rule: str, case: Case) -> Judgement:
    """What the rule alone says of the case."""
    return judge(snapshot_of(rule, case), [registry()[rule]], standard(case, rule))
