"""From a parsed document to a Baseline, collecting every mistake with its path instead of stopping at one."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from remediation.baseline.declared import read_declared
from remediation.baseline.people import read_people
from remediation.baseline.routes_reader import ROUTING_KEYS, RoutesReader
from remediation.baseline.text import parse
from remediation.baseline.values import (
    Action,
    Baseline,
    BastionPolicy,
    Environment,
    Exemption,
    Limits,
    Override,
    digest,
)
from remediation.errors import ConfigurationError, InvalidResourceId, Mistake
from remediation.messages import utc
from remediation.model import Applicability
from remediation.resource_id import ResourceId

VERSION = 1
_KEYS = frozenset({
    "version", "mode", "environments", "defaultEnvironment", "centralWorkspaceId", "managementPorts",
    "allowedManagementSources", "bastion", "limits", "rules", "overrides", "exemptions",
    "diagnosticsCategoryGroup", "specialSubnets", "declared", "people", "$schema",
}) | ROUTING_KEYS  # fmt: skip
_LIMITS = {
    "maxAttachments": "max_attachments",
    "maxWritesPerHour": "max_writes_per_hour",
    "flapCount": "flap_count",
    "flapWindowHours": "flap_window_hours",
    "remindAfterHours": "remind_after_hours",
    "broadIpv4Addresses": "broad_ipv4_addresses",
    "diagnosticsGraceMinutes": "diagnostics_grace_minutes",
    "exemptTagHours": "exempt_tag_hours",
}
_MOST = {"flapWindowHours": 366 * 24, "diagnosticsGraceMinutes": 24 * 60, "exemptTagHours": 7 * 24}
_GLOB = frozenset("*?[")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class BaselineReader(RoutesReader):
    """Reads one document; `mistakes` grows while the rest is still read."""

    def baseline(self, document: Any) -> Baseline:
        """The typed baseline; raises ConfigurationError naming every mistake."""
        if not isinstance(document, Mapping):
            kind = "a baseline is a mapping that starts with `version: 1`"
            raise ConfigurationError(Mistake(f"{self.name}: {kind}", "baseline", kind))
        result = self._read(document)
        if self.mistakes:
            raise ConfigurationError(self.named())
        return replace(result, hash=digest(document))

    def _read(self, document: Mapping[Any, Any]) -> Baseline:
        self._only(document, _KEYS, "")
        if document.get("version") != VERSION or isinstance(document.get("version"), bool):
            self.wrong("version", f"must be {VERSION}", document.get("version"))
        return Baseline(
            mode=self._choice(document, "mode", ("observe", "enforce"), "observe"),
            environments=tuple(self._each(document, "environments", self._environment)),
            default_environment=self._text(document, "defaultEnvironment", "defaultEnvironment"),
            central_workspace_id=self._workspace(document),
            diagnostics_category_group=self._choice(
                document, "diagnosticsCategoryGroup", ("allLogs", "audit"), "allLogs"
            ),
            management_ports=self._ports(document),
            allowed_management_sources=tuple(self._each(document, "allowedManagementSources", self._cidr)),
            bastion=self._bastion(document.get("bastion")),
            limits=self._limits(document.get("limits")),
            declared=read_declared(document.get("declared"), self),
            special_subnets=self._special_subnets(document),
            rules=self._actions(document.get("rules"), "rules"),
            least=self._least(document.get("rules"), "rules"),
            overrides=tuple(self._each(document, "overrides", self._override)),
            exemptions=self._exemptions(document),
            routing=self._routing(document),
            people=read_people(document.get("people"), self),
        )

    # Parts ---------------------------------------------------------------------------------------

    def _environment(self, value: Any, path: str) -> Environment | None:
        entry = self._mapping(value, path)
        self._only(entry, {"name", "match"}, f"{path}.")
        name = self._text(entry, "name", f"{path}.name", needed=True)
        match = self._match(entry.get("match"), f"{path}.match")
        return Environment(name, match) if name else None

    def _workspace(self, document: Mapping[Any, Any]) -> str | None:
        text = self._text(document, "centralWorkspaceId", "centralWorkspaceId")
        if text is None:
            return None
        try:
            workspace = ResourceId.parse(text)
        except InvalidResourceId:
            self.wrong("centralWorkspaceId", "not a resource id", text)
            return None
        if workspace.type != "microsoft.operationalinsights/workspaces":
            self.wrong("centralWorkspaceId", "not a Log Analytics workspace", workspace.type)
        return workspace.text

    def _ports(self, document: Mapping[Any, Any]) -> tuple[int, ...]:
        if document.get("managementPorts") is None:
            return Baseline().management_ports
        return tuple(sorted(set(self._each(document, "managementPorts", self._port))))

    def _special_subnets(self, document: Mapping[Any, Any]) -> frozenset[str]:
        if document.get("specialSubnets") is None:
            return frozenset()
        return frozenset(name.lower() for name in self._texts(document["specialSubnets"], "specialSubnets"))

    def _port(self, value: Any, path: str) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
            self.wrong(path, "must be a port from 1 to 65535", value)
            return None
        return value

    def _cidr(self, value: Any, path: str) -> str | None:
        if not isinstance(value, str):
            self.wrong(path, "not an address range in CIDR form", value)
            return None
        try:
            return str(ipaddress.ip_network(value))
        except ValueError as error:
            bits = "; it has host bits set" if "host bits" in str(error) else ""
            self.wrong(path, f"not an address range in CIDR form{bits}", value)
            return None

    def _bastion(self, value: Any) -> BastionPolicy:
        entry = self._mapping(value, "bastion")
        self._only(entry, {"allowedSkus", "vwanPattern", "accessGroups"}, "bastion.")
        skus = self._mapping(entry.get("allowedSkus"), "bastion.allowedSkus")
        allowed = {str(k): self._texts(v, f"bastion.allowedSkus.{k}") for k, v in skus.items()}
        pattern = entry.get("vwanPattern", "central")
        if pattern not in ("central", "per-spoke"):
            self.wrong("bastion.vwanPattern", "must be central or per-spoke", pattern)
        groups = self._texts(entry["accessGroups"], "bastion.accessGroups") if "accessGroups" in entry else ()
        for index, group in enumerate(groups):
            if not _GUID.fullmatch(group):
                self.wrong(f"bastion.accessGroups[{index}]", "not an Entra object id", group)
        return BastionPolicy({**BastionPolicy().allowed_skus, **allowed}, pattern, groups)

    def _limits(self, value: Any) -> Limits:
        entry = self._mapping(value, "limits")
        self._only(entry, set(_LIMITS) | {"narrowSources"}, "limits.")
        numbers: dict[str, int] = {}
        for key, number in entry.items():
            most = _MOST.get(str(key), 1 << 32)
            if key not in _LIMITS:
                continue
            if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
                self.wrong(f"limits.{key}", f"must be a whole number from 0 to {most}", number)
            else:
                numbers[_LIMITS[key]] = number
        return Limits(**numbers, narrow_sources=self._narrow_sources(entry.get("narrowSources")))

    def _narrow_sources(self, value: Any) -> Literal["propose", "fix"]:
        if value == "fix":
            return "fix"
        if value is not None and value != "propose":
            self.wrong("limits.narrowSources", "must be propose or fix", value)
        return "propose"

    def _actions(self, value: Any, path: str) -> dict[str, Action]:
        actions: dict[str, Action] = {}
        for rule, entry in self._mapping(value, path).items():
            self._known_rule(str(rule), f"{path}.{rule}")
            action = self._action(entry, f"{path}.{rule}")
            if action is not None:
                actions[str(rule)] = action
        return actions

    def _least(self, value: Any, path: str) -> dict[str, Applicability]:
        """`applicability` of each entry: how safe a repair must be to be applied."""
        least: dict[str, Applicability] = {}
        for rule, entry in value.items() if isinstance(value, Mapping) else ():
            text = entry.get("applicability") if isinstance(entry, Mapping) else None
            if text is None:
                continue
            known = {one.text: one for one in (Applicability.UNSAFE, Applicability.SAFE)}
            if not isinstance(text, str) or text not in known:
                self.wrong(f"{path}.{rule}.applicability", "must be unsafe or safe", text)
            else:
                least[str(rule)] = known[text]
        return least

    def _action(self, value: Any, path: str) -> Action | None:
        if isinstance(value, Mapping):
            self._only(value, {"action", "applicability"}, f"{path}.")
            value = value.get("action")
        # YAML 1.1 reads a bare `off` as false; people mean the action.
        value = "off" if value is False else value
        if value not in [action.value for action in Action]:
            self.wrong(path, "action must be off, alert, propose or fix", value)
            return None
        return Action(value)

    def _override(self, value: Any, path: str) -> Override:
        entry = self._mapping(value, path)
        self._only(entry, {"match", "rules"}, f"{path}.")
        return Override(
            self._match(entry.get("match"), f"{path}.match"),
            self._actions(entry.get("rules"), f"{path}.rules"),
            self._least(entry.get("rules"), f"{path}.rules"),
        )

    def _exemptions(self, document: Mapping[Any, Any]) -> tuple[Exemption, ...]:
        exemptions = self._each(document, "exemptions", self._exemption)
        seen: set[tuple[str, str]] = set()
        for exemption in exemptions:
            key = exemption.resource.lower().rstrip("/"), exemption.rule
            if key in seen:
                self.wrong(
                    "exemptions", "the same resource is exempted from the same rule twice", exemption.resource
                )
            seen.add(key)
        return tuple(exemptions)

    def _exemption(self, value: Any, path: str) -> Exemption | None:
        entry = self._mapping(value, path)
        self._only(entry, {"resource", "rule", "until", "reason", "owner"}, f"{path}.")
        resource = self._text(entry, "resource", f"{path}.resource", needed=True)
        rule = self._text(entry, "rule", f"{path}.rule", needed=True)
        until = self._moment(entry.get("until"), f"{path}.until")
        if rule is not None and rule != "*":
            self._known_rule(rule, f"{path}.rule")
        if (
            resource is not None
            and not resource.lower().startswith("/subscriptions/")
            and not _GLOB & set(resource)
        ):
            self.wrong(f"{path}.resource", "matches nothing: neither a resource id nor a pattern", resource)
        if resource is None or rule is None or until is None:
            return None
        reason = self._text(entry, "reason", f"{path}.reason") or ""
        return Exemption(resource, rule, until, reason, self._text(entry, "owner", f"{path}.owner") or "")

    def _moment(self, value: Any, path: str) -> datetime | None:
        """A date means its end would be a guess, so it means its start; a time without zone is UTC."""
        if isinstance(value, str | datetime):
            try:
                return utc(value if isinstance(value, datetime) else datetime.fromisoformat(value))
            except (ValueError, OverflowError):
                self.wrong(path, "not a date and time such as 2026-12-31T18:00:00Z", value)
                return None
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        self.wrong(path, "is required: an exemption ends")
        return None


def read(text: str, *, name: str = "baseline", known_rules: Sequence[str] | None = None) -> Baseline:
    """Read a baseline from YAML or JSON text.

    Raises ConfigurationError with every mistake, each with its path. `known_rules` are the ids that a
    `rules` or `exemptions` entry may name; None accepts any.
    """
    try:
        return BaselineReader(name, known_rules).baseline(parse(text, name))
    except RecursionError as error:
        kind = "nested too deeply"
        raise ConfigurationError(Mistake(f"{name}: {kind}", "baseline", kind)) from error
