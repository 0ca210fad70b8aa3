"""Ids of ARM resources: read strictly, compared without case, climbed up and down.

Letters that only look like others are refused: folded, the id of another resource would come of them, and
that one would be taken for gone when ARM answers 404 to the forged spelling.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from remediation.errors import InvalidResourceId, NoResourceId

MAX_ID_LENGTH = 2048
_FORBIDDEN = frozenset('?#%<>"\\')
# Letters and marks that nobody sees, although they count as printable: fillers, joiners, selectors.
_UNSEEN = frozenset(
    chr(code)
    for part in (
        (0x034F,), (0x115F, 0x1160), (0x17B4, 0x17B5), range(0x180B, 0x1810), (0x2800,), (0x3164,),
        range(0xFE00, 0xFE10), (0xFFA0,), range(0xE0100, 0xE01F0),
    )
    for code in part
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ResourceId:
    """An ARM resource id, compared without case.

    `text` is the id as it was spelled, without a trailing slash. `key` is its lower-cased form: the identity
    of the resource. `type` is lower-cased too (``microsoft.network/networksecuritygroups/securityrules``);
    resource groups and subscriptions have the types ARM's own events use for them.
    """

    text: str
    key: str
    type: str
    subscription: str
    resource_group: str
    name: str

    @classmethod
    def parse(cls, text: object) -> "ResourceId":
        """Read an id; raises InvalidResourceId for anything that is not exactly one, path tricks included."""
        if not isinstance(text, str):
            raise InvalidResourceId(f"a resource id is text, not {type(text).__name__}")
        return _parsed(text)

    @property
    def extended(self) -> "ResourceId | None":
        """The resource that an extension (a diagnostic setting, a lock, a tag) stands on, else None."""
        before, separator, _ = self.key.rpartition("/providers/")
        if not separator or "/providers/" not in before:
            return None
        return ResourceId.parse(self.text[: len(before)])

    @property
    def parent(self) -> "ResourceId | None":
        """The resource one level up within the same provider (a rule's NSG), else None."""
        _, _, own = self.key.rpartition("/providers/")
        if own.count("/") < 4:
            return None
        return ResourceId.parse(self.text.rsplit("/", 2)[0])

    def up_to(self, kind: str) -> "ResourceId | None":
        """This id or the nearest one above it that has type `kind` (lower case), else None."""
        return self if self.type == kind else _above(self.text, kind)

    def child(self, kind: str, name: str) -> "ResourceId":
        """The id of a child of this resource: ``nsg.child("securityRules", "allow-ssh")``."""
        return ResourceId.parse(f"{self.text}/{kind}/{name}")

    def extension(self, kind: str, name: str) -> "ResourceId":
        """The id of an extension on this resource: ``bastion.extension("Microsoft.Insights/...", "x")``."""
        return ResourceId.parse(f"{self.text}/providers/{kind}/{name}")

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResourceId) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=32768)  # the same ids are parsed again and again; a frozen value can be shared
def _parsed(text: str) -> ResourceId:
    trimmed = text.strip().removesuffix("/")
    segments = trimmed.split("/")[1:]
    _refuse_hostile(trimmed, segments)
    key = trimmed.lower()
    lowered = key.split("/")[1:]
    kind, name = _type_of(trimmed, segments, lowered)
    group = segments[3] if len(segments) > 3 and lowered[2] == "resourcegroups" else ""
    return ResourceId(trimmed, key, intern(kind), intern(lowered[1]), intern(group), name)  # of a few, many


@lru_cache(maxsize=16384)  # an interface's configurations are asked for their interface again and again
def _above(text: str, kind: str) -> ResourceId | None:
    """As it was spelled: two spellings of one id have ancestors spelled otherwise."""
    identity = ResourceId.parse(text)
    if kind.rpartition("/")[2] not in identity.key:  # most ids have none, and need not be climbed
        return None
    at = identity.parent or identity.extended
    while at is not None and at.type != kind:
        at = at.parent or at.extended
    return at


def _refuse_hostile(text: str, segments: list[str]) -> None:
    """An id becomes part of a URL that carries our credentials, so anything unusual in it is refused."""
    shown = text if len(text) <= 120 else text[:117] + "..."
    if len(text) > MAX_ID_LENGTH:
        raise InvalidResourceId(f"longer than {MAX_ID_LENGTH} characters: {shown!a}")
    if not text.startswith("/") or len(segments) < 2 or segments[0].lower() != "subscriptions":
        raise InvalidResourceId(f"does not start with /subscriptions/: {shown!a}")
    if "" in segments or "." in segments or ".." in segments:
        raise InvalidResourceId(f"has an empty or relative segment: {shown!a}")
    if not _FORBIDDEN.isdisjoint(text) or not text.isprintable():
        raise InvalidResourceId(f"has a character no resource id holds: {shown!a}")
    if not text.isascii() and _looks_like_another(text):
        raise InvalidResourceId(f"has a character that only looks like another one: {shown!a}")


def _looks_like_another(text: str) -> bool:
    """Whether an id is written otherwise than it would be compared.

    Fullwidth and other compatibility forms and decomposed accents (NFKC), what nobody sees, and letters
    that lower-casing turns into those of another alphabet or does not bring back (the sign for kelvin).
    """
    if unicodedata.normalize("NFKC", text) != text or not _UNSEEN.isdisjoint(text):
        return True
    return any(one.lower() != one and one.lower().upper() != one for one in text if not one.isascii())


def _type_of(text: str, segments: list[str], lowered: list[str]) -> tuple[str, str]:
    """Type and name; the type is what follows the last /providers/, every second segment left out."""
    if "providers" not in lowered:
        if len(segments) == 2:
            return "microsoft.resources/subscriptions", segments[1]
        if len(segments) == 4 and lowered[2] == "resourcegroups":
            return "microsoft.resources/subscriptions/resourcegroups", segments[3]
        raise NoResourceId(f"names no provider: {text!a}")
    start = len(lowered) - lowered[::-1].index("providers")
    own = lowered[start:]
    if len(own) < 3 or len(own) % 2 == 0:
        raise NoResourceId(f"has no type and name after its last /providers/: {text!a}")
    return "/".join([own[0], *own[1::2]]), segments[-1]
