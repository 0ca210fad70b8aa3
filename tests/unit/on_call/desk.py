"""The tools of people on call on a world of tests; sources that are not told of are empty."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from remediation.adapters.memory.storage import MemoryCloud
from remediation.adapters.storage.dead_letters import MemoryDeadLetters
from remediation.adapters.storage.poison import MemoryPoison
from remediation.ledger.inbox import Inbox
from remediation.ledger.intake import Intake
from remediation.on_call.replay import Sources
from remediation.on_call.tools import OnCall
from remediation.reconciling.in_force.keeper import Keeper
from remediation.reconciling.in_force.watch import Watch
from tests.builders import SUBSCRIPTION, a_spoke, an_nsg
from tests.story.core.world import World


@dataclass
class MemoryActivityLog:
    """An activity log that holds these events, which have come about within any window."""

    kept: list[dict[str, Any]] = field(default_factory=list)

    def events(
        self, subscription: str, since: datetime, until: datetime, group: str = ""
    ) -> Iterable[dict[str, Any]]:
        return list(self.kept)


def a_desk(
    world: World,
    *,
    letters: MemoryDeadLetters | None = None,
    log: MemoryActivityLog | None = None,
    **through: Any,
) -> OnCall:
    """The tools; keyword arguments stand in for their ports."""
    sources = Sources(
        Inbox(world.ledger),
        Intake(world.ledger),
        lambda: MemoryPoison(world.queue),
        lambda: letters,
        lambda: log or MemoryActivityLog(),
        frozenset({SUBSCRIPTION}),
        lambda: MemoryPoison(world.queue, name="cards-poison"),
        lambda: MemoryPoison(world.queue, name="neighbourhood-poison"),
    )
    ports = replace(world.ports, **through)
    watch = Watch(ports.ledger, ports.clock, timedelta(seconds=30))
    keeper = Keeper(ports, world.herald(), {SUBSCRIPTION}, timedelta(seconds=30))
    return OnCall(
        ports, lambda: world.baseline, world.policy, world.herald(), world.sender(), sources, watch, keeper
    )


def a_world(*documents: dict[str, Any], **choices: Any) -> World:
    """A world with the NSG `web` open to everybody on port 22, unless other documents are given."""
    return World(MemoryCloud(*(documents or (an_nsg(allow_ssh_from="Internet"), *a_spoke()))), **choices)
