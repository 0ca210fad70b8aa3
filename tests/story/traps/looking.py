"""Looking again and again at what cannot be written."""

from collections.abc import Callable

from remediation.adapters.azure_errors import Problem, translated
from remediation.model import Write
from remediation.resource_id import ResourceId
from tests.faults import Interrupted
from tests.story.core.world import World


def look_often(world: World, target: ResourceId, before_write: Callable[[Write], None]) -> list[Write]:
    """Four events, some time apart, while each write meets something; returns what was tried."""
    tried: list[Write] = []

    def meet(write: Write) -> None:
        tried.append(write)
        before_write(write)

    for _ in range(4):
        world.clock.advance(600)
        world.handle(world.hears(target), cloud=Interrupted(world.cloud, before_write=meet))
    return tried


def refusing(status: int, code: str, message: str = "") -> Callable[[Write], None]:
    """ARM's answer to every write."""

    def refuse(write: Write) -> None:
        raise translated(f"writing {write.id.name}", status, Problem(code, message))

    return refuse
