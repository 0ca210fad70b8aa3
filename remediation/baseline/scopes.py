"""What a part of a baseline is about: a scope, in globs without case."""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from remediation.model import Resource


@dataclass(frozen=True, slots=True)
class Match:
    """A scope: every given part must match, each by any of its values. Patterns are globs without case."""

    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    resource_groups: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()

    def holds(self, resource: Resource) -> bool:
        if self.tags and not _tags_match(self.tags, resource.tags):
            return False
        if self.resource_groups and not matches_any(self.resource_groups, resource.id.resource_group):
            return False
        if self.subscriptions and not matches_any(self.subscriptions, resource.id.subscription):
            return False
        return not self.resources or matches_any(self.resources, resource.id.text)


def _tags_match(wanted: Mapping[str, tuple[str, ...]], tags: Mapping[str, str]) -> bool:
    return all(name in tags and matches_any(values, tags[name]) for name, values in wanted.items())


def matches_any(patterns: Sequence[str], text: str) -> bool:
    """Whether any of the globs matches, case not counting."""
    return any(fnmatch.fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)
