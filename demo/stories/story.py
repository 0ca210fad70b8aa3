"""What a story is: something happens, and it has to end in a certain way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from demo.act import Check, Deed, Echo
from demo.figures import Stretch
from demo.outcomes import Outcomes
from lab.world import World
from remediation.findings import FindingRecord


@dataclass(frozen=True, slots=True)
class Scene:
    """What was done. `before` holds the documents as they were left by it, by id (None: it was deleted).

    `nsg` is a network security group with the change in it, whose traffic is compared with the end's.
    """

    deeds: tuple[Deed, ...]
    before: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    nsg: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The world at rest after a scene, and what the lab recorded since it began."""

    world: World
    stretch: Stretch
    findings: tuple[FindingRecord, ...]
    outcomes: Outcomes
    since: int

    def about(self, rule: str, resource: str) -> list[FindingRecord]:
        """What was announced about one rule and resource."""
        return [
            each for each in self.findings if each.rule == rule and each.resource.lower() == resource.lower()
        ]


class Story(Protocol):
    """`name` is for machines, `title` and `short` for people; `outcome` is a good end in a word or two."""

    name: str
    title: str
    short: str
    outcome: str

    @property
    def told(self) -> str:
        """How it has to end, in a sentence."""
        ...

    async def happen(self, world: World) -> Scene:
        """Do it; raises RefusedError when ARM refuses."""
        ...

    def checks(self, seen: Seen) -> Iterable[Check]:
        """Did it end as told? Judged by ARM's state, its log, the drift topic and Teams."""
        ...

    def echoes(self, seen: Seen) -> Iterable[Echo]:
        """Events worth following one by one; most stories have none."""
        ...


class Quiet:
    """A story without echoes."""

    def echoes(self, _seen: Seen) -> Iterable[Echo]:
        return ()
