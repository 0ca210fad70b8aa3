"""The team's baseline as typed values: what should be, what may be repaired, what is left alone for now.

Every key but `version` is optional. `NOTHING` is the baseline of a new deployment: the defaults hold and
nothing is written.
"""

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from remediation.baseline.people import NOBODY, People
from remediation.baseline.routes import NO_ROUTING, Routing
from remediation.baseline.scopes import Match, matches_any
from remediation.model import Applicability, Resource
from remediation.resource_id import ResourceId

type Mode = Literal["observe", "enforce"]


class Action(enum.StrEnum):
    """What a rule may do: nothing, tell, offer, repair."""

    OFF = "off"
    ALERT = "alert"
    PROPOSE = "propose"
    FIX = "fix"


@dataclass(frozen=True, slots=True)
class Environment:
    name: str
    match: Match


@dataclass(frozen=True, slots=True)
class Override:
    """Decisions for a scope; `least` as in Baseline."""

    match: Match
    actions: Mapping[str, Action]
    least: Mapping[str, Applicability] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exemption:
    """A finding left alone until a moment. `resource` may be a glob, `rule` may be ``*``."""

    resource: str
    rule: str
    until: datetime
    reason: str = ""
    owner: str = ""

    def covers(self, rule: str, resource: ResourceId) -> bool:
        return self.rule in {"*", rule} and matches_any((self.resource,), resource.text)

    def __str__(self) -> str:
        return f"of {self.resource} from {self.rule}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps that turn a repair into a proposal, and what counts as broad.

    `narrow_sources` is what happens with fewer public sources: a person decides, or they are closed.
    `diagnostics_grace_minutes` is the time a new resource's own pipeline has for its diagnostic setting.
    `exempt_tag_hours` is how long an exemption by tag holds at most, from when it was first seen; 0: never.
    """

    max_attachments: int = 5
    max_writes_per_hour: int = 20
    flap_count: int = 3
    flap_window_hours: int = 24
    remind_after_hours: int = 72
    broad_ipv4_addresses: int = 1 << 24
    diagnostics_grace_minutes: int = 10
    narrow_sources: Literal["propose", "fix"] = "propose"
    exempt_tag_hours: int = 8


@dataclass(frozen=True, slots=True)
class DeclaredPolicy:
    """Whose word is the declaration, and what of it is compared.

    `deployers` are Entra object or application ids (lower case). A deployment has ended when nothing more was
    written for `settle_minutes`. `ignore` are names of properties that nobody wants to hear of. A declaration
    that was not renewed for `stale_after_days` only alerts; 0: it never gets old. `files` says whether a file
    that was given to the app stands among the declarations.
    """

    deployers: tuple[str, ...] = ()
    settle_minutes: int = 10
    ignore: tuple[str, ...] = ("tags",)
    stale_after_days: int = 90
    files: bool = False

    @property
    def speaks(self) -> bool:
        """Whether anything may be declared at all; where not, nobody looks for it."""
        return self.files or bool(self.deployers)


@dataclass(frozen=True, slots=True)
class BastionPolicy:
    """Bastion SKUs by environment, the Virtual WAN pattern, and who must be able to read."""

    allowed_skus: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {"production": ("Standard", "Premium")}
    )
    vwan_pattern: Literal["central", "per-spoke"] = "central"
    access_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """The whole baseline as values. `hash` names its content; it is stored with judgements and writes.

    `least` is how safe a rule's repair must be to be applied; a rule that is not in it takes what its action
    allows. `special_subnets` (lower case) are the team's own beside the platform's: their NSGs are never
    tightened. `people` says who may do what over HTTP. `stopped` says who stopped all writing, when and why:
    such a baseline is in observe mode.
    """

    mode: Mode = "observe"
    environments: tuple[Environment, ...] = ()
    default_environment: str | None = None
    central_workspace_id: str | None = None
    diagnostics_category_group: Literal["allLogs", "audit"] = "allLogs"
    management_ports: tuple[int, ...] = (22, 3389)
    allowed_management_sources: tuple[str, ...] = ()
    bastion: BastionPolicy = field(default_factory=BastionPolicy)
    limits: Limits = field(default_factory=Limits)
    declared: DeclaredPolicy = field(default_factory=DeclaredPolicy)
    special_subnets: frozenset[str] = frozenset()
    rules: Mapping[str, Action] = field(default_factory=dict)
    least: Mapping[str, Applicability] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    routing: Routing = NO_ROUTING
    people: People = NOBODY
    hash: str = "none"
    stopped: str = ""

    @property
    def knows_environments(self) -> bool:
        """Whether the team named any environment; where it did not, none is missing."""
        return bool(self.environments) or self.default_environment is not None

    def environment_of(self, resource: Resource) -> str | None:
        """The first environment that matches, else the default, else None: unknown."""
        for environment in self.environments:
            if environment.match.holds(resource):
                return environment.name
        return self.default_environment

    def action_for(self, rule: str, resource: Resource) -> Action | None:
        """What the team decided for a rule on a resource; None leaves the rule its default.

        The last override that holds wins over the rule's own entry.
        """
        decided = self.rules.get(rule)
        for override in self.overrides:
            if rule in override.actions and override.match.holds(resource):
                decided = override.actions[rule]
        return decided

    def least_for(self, rule: str, resource: Resource) -> Applicability | None:
        """How safe a repair of a rule on a resource must be to be applied; None where the team said nothing.

        It goes with the action: the override that decides the one decides the other.
        """
        decided = self.least.get(rule)
        for override in self.overrides:
            if rule in override.actions and override.match.holds(resource):
                decided = override.least.get(rule)
        return decided

    def exemption_for(self, rule: str, resource: ResourceId, now: datetime) -> Exemption | None:
        """The exemption in force that lasts longest, or None."""
        live = [e for e in self.exemptions if e.until > now and e.covers(rule, resource)]
        return max(live, key=lambda exemption: exemption.until, default=None)

    def expired(self, now: datetime) -> list[str]:
        """A line for each exemption whose end has passed; such a one exempts nothing."""
        return [
            f"exemptions[{index}]: the exemption {exemption} ended at {exemption.until.isoformat()}"
            for index, exemption in enumerate(self.exemptions)
            if exemption.until <= now
        ]


NOTHING = Baseline()


def digest(document: Any) -> str:
    """A short name for the content of a baseline document; equal content, equal name."""
    text = json.dumps(_ordered(document), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _ordered(value: Any) -> Any:
    """A document with its keys as text and in order; YAML's may be numbers and dates, side by side."""
    if isinstance(value, Mapping):
        return sorted(([str(key), _ordered(item)] for key, item in value.items()), key=lambda pair: pair[0])
    return [_ordered(item) for item in value] if isinstance(value, list) else value
