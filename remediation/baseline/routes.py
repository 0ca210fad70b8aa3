"""Where alerts go: channels, the routes that choose among them, and whose a resource is. Pure.

Routes are asked in order. The first that matches decides, unless it goes on; what none matches goes to the
default channel. A match holds when all its keys do; `severity` means at least. Whose a resource is follows
from tags: the resource's own, else its group's, else its subscription's. Tags that were not read match
nothing, and whoever asks why is told that they are not known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from remediation.baseline.scopes import Match, matches_any
from remediation.model import Resource, Severity
from remediation.resource_id import ResourceId

type ChannelType = Literal["teams", "slack", "webhook"]

TYPES: tuple[ChannelType, ...] = ("teams", "slack", "webhook")
LEVELS = ("resource", "group", "subscription")
DIGEST_ABOVE, CARDS_PER_MINUTE = 5, 10


@dataclass(frozen=True, slots=True)
class Channel:
    """A place where people or programs hear of findings. `secret` names the setting that holds its address.

    More than `digest_above` cards at a time (None: as the app's setting says) are one digest, and no more
    than `cards_per_minute` are sent: what is beyond waits, and becomes part of the next digest.
    """

    name: str
    type: ChannelType
    secret: str
    digest_above: int | None = None
    cards_per_minute: int = CARDS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a resource, its group and its subscription, names in lower case; None: not read."""

    resource: Mapping[str, str] | None = None
    group: Mapping[str, str] | None = None
    subscription: Mapping[str, str] | None = None

    def levels(self) -> Iterator[tuple[str, Mapping[str, str] | None]]:
        yield from zip(LEVELS, (self.resource, self.group, self.subscription), strict=True)

    @property
    def unread(self) -> tuple[str, ...]:
        return tuple(level for level, tags in self.levels() if tags is None)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a resource is: the value of an owner tag, its name, and at which level it stands.

    `sure` is false where a level that was not read could say otherwise.
    """

    name: str = ""
    tag: str = ""
    level: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Concern:
    """What a route looks at: one finding of one resource, with the tags and the owner it has."""

    resource: ResourceId
    rule: str
    severity: Severity
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """Findings for which `match` holds go to `channels`; `goes_on` asks the next routes as well."""

    match: Match = field(default_factory=Match)
    rules: tuple[str, ...] = ()
    severity: Severity | None = None
    channels: tuple[str, ...] = ()
    goes_on: bool = False

    def holds(self, concern: Concern) -> bool:
        if self.severity is not None and concern.severity < self.severity:
            return False
        if self.rules and not matches_any(self.rules, concern.rule):
            return False
        return self.covers(concern)

    def covers(self, concern: Concern) -> bool:
        """Whether its scope (all but rule and severity) holds."""
        return self.match.holds(Resource(concern.resource, {"tags": dict(concern.tags)}))


@dataclass(frozen=True, slots=True)
class Routing:
    """Everything a baseline says about where alerts go; without `channels` one webhook gets everything."""

    channels: Mapping[str, Channel] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    default: str = ""
    owner_tags: tuple[str, ...] = ()

    def channels_for(self, concern: Concern) -> tuple[str, ...]:
        """The channels a finding is told in, each once; () is the one webhook of an app without channels."""
        chosen: dict[str, None] = {}
        for route in self.chosen(concern):
            chosen.update(dict.fromkeys(route.channels))
        return tuple(chosen) or ((self.default,) if self.default else ())

    def chosen(self, concern: Concern) -> Sequence[Route]:
        """The routes that decide for a finding, in order."""
        found: list[Route] = []
        for route in self.routes:
            if route.holds(concern):
                found.append(route)
                if not route.goes_on:
                    break
        return found

    def owner_of(self, tags: Tags) -> Owner:
        """Whose it is: the nearest level that carries one of the owner tags, in the order they are named."""
        sure = True
        for level, known in tags.levels():
            if known is None:
                sure = False
                continue
            for tag in self.owner_tags:
                if known.get(tag, "").strip():
                    return Owner(known[tag].strip(), tag, level, sure)
        return Owner(sure=sure)

    def seen_tags(self, tags: Tags) -> Mapping[str, str]:
        """The tags that a match sees: the resource's own, and each owner tag as it is inherited.

        An owner tag that stands nowhere has the value of the owner, whichever tag names it.
        """
        seen = dict(tags.resource or {})
        owner = self.owner_of(tags).name
        for tag in self.owner_tags:
            near = (known[tag] for _, known in tags.levels() if known and known.get(tag, "").strip())
            value = next(near, owner)
            if value:
                seen[tag] = value.strip()
        return seen


NO_ROUTING = Routing()
