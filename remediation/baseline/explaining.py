"""Where the alerts of one resource go, and why: each route in order, with what speaks for it or against it.

A route may hold for some rules and severities only, so the answer is a list: which findings go where.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remediation.baseline.routes import Concern, Owner, Route, Routing, Tags
from remediation.baseline.scopes import matches_any
from remediation.model import Severity
from remediation.resource_id import ResourceId

WORST_FIRST = tuple(sorted(Severity, reverse=True))


@dataclass(frozen=True, slots=True)
class Way:
    """Findings of these rules and severities go to these channels; () is the one webhook of the app."""

    rules: tuple[str, ...]
    severities: tuple[Severity, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """How one route stands to a resource.

    `holds` is None where that depends on tags that are not known; `settled` says that an earlier route has
    decided for every finding, so that this one is not asked.
    """

    number: int
    holds: bool | None
    why: str
    channels: tuple[str, ...]
    goes_on: bool
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    resource: ResourceId
    owner: Owner
    unread: tuple[str, ...]
    routes: tuple[RouteAnswer, ...]
    ways: tuple[Way, ...]
    default: str
    by_owner: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "resourceId": self.resource.text,
            "owner": self.owner.name,
            "ownerTag": self.owner.tag,
            "ownerFrom": self.owner.level,
            "tagsNotKnown": list(self.unread),
            "defaultChannel": self.default,
            "alerts": [
                {
                    "rules": list(way.rules),
                    "severities": [severity.text for severity in way.severities],
                    "channels": list(way.channels),
                }
                for way in self.ways
            ],
            "routes": [
                {
                    "route": answer.number,
                    "holds": answer.holds,
                    "why": answer.why,
                    "channels": list(answer.channels),
                    "continue": answer.goes_on,
                    "asked": not answer.settled,
                }
                for answer in self.routes
            ],
        }


def explain(routing: Routing, resource: ResourceId, tags: Tags, rules: Sequence[str]) -> Explanation:
    """Where findings of `rules` (those that can be about the resource) go."""
    seen = routing.seen_tags(tags)
    return Explanation(
        resource,
        routing.owner_of(tags),
        tags.unread,
        tuple(_answers(routing, Concern(resource, "", Severity.INFO, seen), tags)),
        tuple(_ways(routing, resource, seen, rules)),
        routing.default,
        bool(routing.owner_tags),
    )


def _answers(routing: Routing, concern: Concern, tags: Tags) -> Iterator[RouteAnswer]:
    settled = False
    for number, route in enumerate(routing.routes):
        answer = _answer(number, route, concern, tags, routing)
        yield replace(answer, settled=settled)
        decides = answer.holds is True and not route.goes_on
        settled = settled or (decides and not route.rules and route.severity is None)


def _answer(number: int, route: Route, concern: Concern, tags: Tags, routing: Routing) -> RouteAnswer:
    against = list(_against(route, concern))
    unknown = _unknown(route, concern, tags, routing)
    if against and not unknown:
        return RouteAnswer(number, False, "; ".join(against), route.channels, route.goes_on)
    if unknown:
        return RouteAnswer(number, None, "; ".join(unknown), route.channels, route.goes_on)
    return RouteAnswer(number, True, _for(route, concern), route.channels, route.goes_on)


def _against(route: Route, concern: Concern) -> Iterator[str]:
    """Each part of a scope that does not hold."""
    match, resource = route.match, concern.resource
    for tag, values in match.tags.items():
        value = concern.tags.get(tag)
        if value is None:
            yield f"it has no tag {tag}"
        elif not matches_any(values, value):
            yield f"its tag {tag} is {value}, not {' or '.join(values)}"
    for what, patterns, own in (
        ("group", match.resource_groups, resource.resource_group),
        ("subscription", match.subscriptions, resource.subscription),
        ("id", match.resources, resource.text),
    ):
        if patterns and not matches_any(patterns, own):
            yield f"its {what} is {own or 'none'}, not {' or '.join(patterns)}"


def _unknown(route: Route, concern: Concern, tags: Tags, routing: Routing) -> list[str]:
    """Tags that decide, and that could be otherwise at a level that was not read."""
    scope = Route(match=_without_tags(route))
    if not scope.covers(concern):
        return []
    return [
        f"it depends on the tag {tag}, and the tags of the {' and the '.join(missing)} are not known"
        for tag in route.match.tags
        if (missing := _missing(tag, tags, routing))
    ]


def _missing(tag: str, tags: Tags, routing: Routing) -> list[str]:
    levels = list(tags.levels()) if tag in routing.owner_tags else [("resource", tags.resource)]
    unread: list[str] = []
    for level, known in levels:
        if known is None:
            unread.append(level)
        elif known.get(tag, "").strip():
            break  # what is further away does not count
    return unread


def _without_tags(route: Route) -> Any:
    match = route.match
    return type(match)({}, match.resource_groups, match.subscriptions, match.resources)


def _for(route: Route, concern: Concern) -> str:
    """What holds, and for which findings only."""
    match = route.match
    parts = [f"tag {tag} is {concern.tags[tag]}" for tag in match.tags]
    parts += [f"group {concern.resource.resource_group}"] if match.resource_groups else []
    parts += [f"subscription {concern.resource.subscription}"] if match.subscriptions else []
    parts += ["its id"] if match.resources else []
    only = [f"of rules {', '.join(route.rules)}"] if route.rules else []
    only += [f"of {route.severity.text} or more"] if route.severity is not None else []
    return "; ".join(parts + ([f"findings {' and '.join(only)}"] if only else []))


def _ways(
    routing: Routing, resource: ResourceId, seen: Mapping[str, str], rules: Sequence[str]
) -> Iterator[Way]:
    """Findings that go to the same channels, together: rules first by what becomes of their severities."""
    by_rule: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for rule in rules:
        fate = tuple(
            routing.channels_for(Concern(resource, rule, severity, seen)) for severity in WORST_FIRST
        )
        by_rule.setdefault(fate, []).append(rule)
    for fate, alike in by_rule.items():
        by_channels: dict[tuple[str, ...], list[Severity]] = {}
        for severity, channels in zip(WORST_FIRST, fate, strict=True):
            by_channels.setdefault(channels, []).append(severity)
        for channels, severities in by_channels.items():
            yield Way(tuple(alike), tuple(severities), channels)
