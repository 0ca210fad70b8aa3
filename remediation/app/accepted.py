"""What an event means, as texts for the queues of the two lanes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from remediation.messages import Message, encode


@dataclass(frozen=True, slots=True)
class Accepted:
    """Messages by lane: targets themselves, and neighbours or scopes to be gathered. Iterating gives all."""

    direct: list[str] = field(default_factory=list)
    neighbourhood: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, work: Iterable[Message]) -> "Accepted":
        every = list(work)
        return cls(
            [encode(message) for message in every if message.is_direct],
            [encode(message) for message in every if not message.is_direct],
        )

    def __iter__(self) -> Iterator[str]:
        yield from self.direct
        yield from self.neighbourhood

    def __len__(self) -> int:
        return len(self.direct) + len(self.neighbourhood)
