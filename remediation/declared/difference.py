"""What differs: one property, one child, or the whole resource; and what that does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

type Effect = Literal["opens", "closes", "none", "unknown"]

WORST_FIRST: Sequence[Effect] = ("opens", "unknown", "closes", "none")


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` goes by names: ``securityRules/allow-ssh/sourceAddressPrefix``; "" is the resource itself.

    `declared` is None for what nobody declared, `live` for what is gone. `effect` is what the difference does
    to who reaches what.
    """

    path: str
    declared: Any
    live: Any
    effect: Effect = "unknown"

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.split("/")) if self.path else ()

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "declared": self.declared, "live": self.live, "effect": self.effect}


def worst(effects: Sequence[Effect]) -> Effect:
    """The one effect that several come to."""
    return min(effects, key=WORST_FIRST.index, default="none")
