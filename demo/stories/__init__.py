"""The acts, and the order in which a seed plays them."""

from collections.abc import Sequence

from demo.casting import Casting, Place, chance
from demo.stories.basic_bastion import BasicBastion
from demo.stories.echo import OwnEcho
from demo.stories.logging_deleted import LoggingDeleted
from demo.stories.pipelines_word import PipelinesWord
from demo.stories.ports_opened import PortsOpened
from demo.stories.public_ip import PublicIp, ResolvedByHand
from demo.stories.storm import Storm
from demo.stories.story import Scene, Seen, Story
from lab.estate import Estate

__all__ = ["Scene", "Seen", "Story", "playbill"]


def playbill(seed: int, estate: Estate, place: Place) -> Sequence[Story]:
    """The story that everybody knows first, independent ones in the seed's order, what looks back last."""
    casting, rng = Casting(seed), chance(seed, "order")
    alert = PublicIp(casting, estate)
    ports = PortsOpened(casting, estate)
    acts: list[Story] = [
        LoggingDeleted(casting, estate),
        BasicBastion(estate, place),
        alert,
    ]
    rng.shuffle(acts)
    acts.insert(rng.randrange(acts.index(alert) + 1, len(acts) + 1), ResolvedByHand(casting, alert))
    return [ports, *acts, Storm(), OwnEcho(), PipelinesWord(casting, estate)]
