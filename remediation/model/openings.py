"""What a rule lets in: as a repair closes it, and as an exemption leaves it alone.

An opening is known by its rule's name, and by whom it lets reach what under any name. That is kept as the
texts of the rule's fields, as people wrote them, so that comparing two needs no engine.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from remediation.model.decisions import shown_moment

type Source = Literal["baseline", "tag", "undo", "exempt"]

FIELDS = ("protocol", "sourceAddressPrefix", "destinationPortRange", "destinationAddressPrefix")
GROUPS = ("sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups")
ANY = "*"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a repair closes: a rule by its name, and `what` it let in (sources and ports) under any name.

    `companions` are rules that the repair makes beside it, for who may stay.
    """

    rule: str
    what: str = ""
    companions: tuple[str, ...] = field(default=(), compare=False)

    def is_within(self, what: str) -> bool:
        """Whether it lets nobody reach anything that `what` did not; text by text, so rather no than yes."""
        mine, theirs = _fields(self.what), _fields(what)
        if mine is None or theirs is None or len(mine) != len(theirs):
            return False
        ports = FIELDS.index("destinationPortRange")
        return all(
            _ports_within(own, other) if index == ports else _are_among(own, other)
            for index, (own, other) in enumerate(zip(mine, theirs, strict=True))
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """A repair of ours: when, the opening it closed, and who had made it, as far as an event told.

    `beside` are rules that were open at that time too: closing them later answers nobody's undoing.
    """

    at: datetime
    opening: Opening
    by: str = ""
    beside: tuple[str, ...] = ()

    def was_of(self, opening: Opening, by: str) -> bool:
        """Whether this opening is the one we closed then: its rule is back, or the same again by the same."""
        if self.opening.rule.lower() == opening.rule.lower():
            return True
        known = bool(by and opening.what) and opening.rule not in self.beside
        return known and (self.by, self.opening.what) == (by, opening.what)


@dataclass(frozen=True, slots=True)
class Exemption:
    """What is left alone, until when, and by whose word.

    `source` is where that word stands: in the baseline, in the resource's tag, or with us because somebody
    took a repair back or asked. `opening` is all that it holds for; None where it is the whole finding.
    """

    until: datetime
    source: Source
    by: str = ""
    reason: str = ""
    id: str = ""
    opening: Opening | None = None

    def covers(self, opening: Opening) -> bool:
        """Whether it holds for an opening: for the one it was given for, or for one that lets in no more."""
        if self.opening is None:
            return True
        if not self.opening.what:
            return self.opening.rule.lower() == opening.rule.lower()
        return opening.is_within(self.opening.what)

    @property
    def words(self) -> str:
        """How long and by whose word, to follow *is left alone*."""
        return words_of(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """As evidence and history show it, without what is not known."""
        shown = {
            "source": self.source,
            "until": shown_moment(self.until),
            "by": self.by,
            "reason": self.reason,
            "id": self.id,
            "opening": self.opening.rule if self.opening else "",
        }
        return {key: value for key, value in shown.items() if value}


def words_of(shown: Mapping[str, Any]) -> str:
    """The same of an exemption as evidence shows it."""
    return f"until {shown.get('until', '')} ({whose_word(shown)})"


def whose_word(shown: Mapping[str, Any]) -> str:
    """By whose word, and why: *an undo by ann: reason*."""
    known = {"baseline": "the baseline", "tag": "its tag", "undo": "an undo"}
    by, reason = str(shown.get("by", "")), str(shown.get("reason", ""))
    text = known.get(str(shown.get("source", "")), "an exemption")
    return f"{text}{f' by {by}' if by else ''}{f': {reason}' if reason else ''}"


def opening_of(name: str, body: Mapping[str, Any] | None) -> Opening:
    """The opening that a rule makes, from its document (``{"name", "properties"}``)."""
    properties = (body or {}).get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    texts = [
        sorted(str(text).lower() for text in (known.get(key), *_many(known, key)) if text) for key in FIELDS
    ]
    groups = [
        sorted(str(one.get("id")).lower() for one in known.get(key) or () if isinstance(one, Mapping))
        for key in GROUPS
    ]
    return Opening(name, json.dumps([*texts, *groups] if any(groups) else texts))


def _many(properties: Mapping[str, Any], key: str) -> Sequence[Any]:
    """The plural form of a field: `sourceAddressPrefixes` beside `sourceAddressPrefix`."""
    many = properties.get(f"{key}es" if key.endswith("Prefix") else f"{key}s")
    return many if isinstance(many, list) else ()


def _fields(what: str) -> list[list[str]] | None:
    try:
        found = json.loads(what)
    except ValueError:
        return None
    read = isinstance(found, list) and all(isinstance(texts, list) for texts in found)
    return [[str(text) for text in texts] for texts in found] if read else None


def _are_among(own: Sequence[str], other: Sequence[str]) -> bool:
    """Whether everything named is named there too; nothing named is not known to be less."""
    return ANY in other or (bool(own) == bool(other) and set(own) <= set(other))


def _ports_within(own: Sequence[str], other: Sequence[str]) -> bool:
    """Whether each range lies in one of the others; what is no range counts as itself alone."""
    ranges = [_range(text) for text in other]
    return all(
        text in other or any(_lies_in(_range(text), known) for known in ranges) for text in own
    ) and bool(own)


def _lies_in(own: tuple[int, int] | None, known: tuple[int, int] | None) -> bool:
    return own is not None and known is not None and known[0] <= own[0] and own[1] <= known[1]


def _range(text: str) -> tuple[int, int] | None:
    """A port or range of ports, both ends included; None for what is neither."""
    if text == ANY:
        return 0, 65535
    low, _, high = text.partition("-")
    try:
        return int(low), int(high or low)
    except ValueError:
        return None
