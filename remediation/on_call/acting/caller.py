"""Who asks, and the rights they have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

type Right = Literal["read", "apply", "exempt"]
RIGHTS: tuple[Right, ...] = ("read", "apply", "exempt")


@dataclass(frozen=True, slots=True)
class Caller:
    """A person by name and Entra object id; without an id somebody who only has the function key, or nothing.

    `groups_cut` says that the sign-in named none of the person's groups because there are too many of them;
    `at_desk` that they sit at a command line, where their own rights on the app's storage decide.
    """

    name: str = ""
    object_id: str = ""
    rights: frozenset[str] = field(default_factory=frozenset)
    groups_cut: bool = False
    at_desk: bool = False

    @property
    def signed_in(self) -> bool:
        return bool(self.object_id) or self.at_desk

    @property
    def acts(self) -> frozenset[str]:
        """The rights to act: a function key reads and nothing else, whatever it is said to have."""
        return self.rights if self.signed_in else frozenset()

    @property
    def actor(self) -> dict[str, str]:
        """As records name whoever made something happen."""
        fields = {"name": self.name or self.object_id, "objectId": self.object_id}
        return {key: value for key, value in fields.items() if value}

    def to_json(self) -> Mapping[str, object]:
        return {
            "name": self.name,
            "objectId": self.object_id,
            "signedIn": self.signed_in,
            "may": {right: right in (self.rights if right == "read" else self.acts) for right in RIGHTS},
        }
