"""What was chosen for a play, by its seed and by the audience."""

from dataclasses import dataclass

from demo.casting import chance
from lab.delivery import Schema
from lab.estate import Estate
from lab.world import Storage

SCHEMAS: tuple[Schema, ...] = ("cloudevents", "eventgrid")


@dataclass(frozen=True, slots=True)
class Setting:
    """The estate in a few words, and how its events travel."""

    seed: int
    storage: Storage
    schema: Schema
    company: str
    region: str
    subscription: str
    resources: int

    @classmethod
    def of(cls, seed: int, storage: Storage, estate: Estate) -> "Setting":
        schema = chance(seed, "schema").choice(SCHEMAS)
        size = len(estate.resources)
        return cls(seed, storage, schema, estate.company.title(), estate.region, estate.subscription, size)
