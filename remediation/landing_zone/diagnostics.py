"""Sending logs to the central workspace: what counts as sent, and the one setting that repairs it.

A diagnostic setting names one workspace; a workspace may receive a category of a resource only once, so a
setting that already points there is repaired under its own name and never doubled.

A resource that was made minutes ago is left alone for a while: the pipeline that made it mostly puts a
setting there too, which Azure would refuse after ours ("data sink already used").
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import DIAGNOSTIC_SETTING
from remediation.landing_zone import commands
from remediation.landing_zone.facts import MOST_DIAGNOSTIC_SETTINGS
from remediation.model import Applicability, Fix, Json, NoFix, Resource, Snapshot, Violation, Write
from remediation.resource_id import ResourceId
from remediation.rule import Listed, Verdict

TYPE = "Microsoft.Insights/diagnosticSettings"
# The name the built-in policies give their settings, so that both converge on one object.
POLICY_NAME = "setByPolicy-LogAnalytics"
OWN_NAME = "bastion-guard-LogAnalytics"
NEEDS = (Listed(DIAGNOSTIC_SETTING),)
DESTINATIONS = (
    "workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "serviceBusRuleId",
    "marketplacePartnerId",
)  # fmt: skip

type Entries = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Logs:
    """Which logs of a type must arrive. `what` names them for people.

    All `categories` are wanted; an enabled entry of one of `groups` (lower case) stands for all of them.
    `policy_groups` are the groups that the built-in policy for the type writes out, in its order.
    """

    what: str
    categories: tuple[str, ...]
    groups: frozenset[str]
    policy_groups: tuple[str, ...] = ("allLogs",)

    def arrive(self, setting: Resource) -> bool:
        """Whether a setting sends everything that is wanted to wherever it points."""
        on = [log for log in _entries(setting) if log.get("enabled") is True]
        if any(_text(log, "categoryGroup") in self.groups for log in on):
            return True
        sent = {_text(log, "category") for log in on}
        return all(category.lower() in sent for category in self.categories)

    def fresh(self, group: str) -> Entries:
        """The entries of a new setting, each with the exact value the built-in policy looks for."""
        chosen = group if group in self.policy_groups else self.policy_groups[-1]
        return [{"categoryGroup": name, "enabled": name == chosen} for name in self.policy_groups]

    def added_to(self, setting: Resource, group: str) -> Entries:
        """A setting's entries with the wanted ones on. One setting never mixes categories and groups."""
        by_category = [log for log in _entries(setting) if log.get("category")]
        if not by_category:
            return self.fresh(group)
        wanted = {category.lower(): category for category in self.categories}
        others = [dict(log) for log in by_category if _text(log, "category") not in wanted]
        there = {_text(log, "category"): dict(log) for log in by_category}
        ours = [{**there.get(key, {"category": name}), "enabled": True} for key, name in wanted.items()]
        return [*others, *ours]


def judge(subject: Resource, snapshot: Snapshot, baseline: Baseline, logs: Logs) -> Iterator[Verdict]:
    """A violation when no single setting sends the logs to the baseline's workspace.

    Where the baseline names none, anywhere will do. The violation of a resource that was just made waits.
    """
    settings = snapshot.need_list(DIAGNOSTIC_SETTING, subject.id)
    workspace = baseline.central_workspace_id
    arriving = [setting for setting in settings if logs.arrive(setting)]
    if workspace is None:
        if not any(_goes_anywhere(setting) for setting in arriving):
            yield _early(_unsent(subject.id, settings, logs), subject, snapshot, baseline)
    elif not any(_points_at(setting, workspace) for setting in arriving):
        found = _violation(subject.id, settings, workspace, logs, baseline.diagnostics_category_group)
        yield _early(found, subject, snapshot, baseline)


def _early(violation: Violation, subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Violation:
    """The violation, or for as long as its owner's pipeline has time one to be confirmed, without a write."""
    grace = timedelta(minutes=baseline.limits.diagnostics_grace_minutes)
    age = _age(subject, snapshot.moment)
    if age is None or not -grace < age < grace:  # ARM's clock may be ahead of ours
        return violation
    why = f"{subject.id.name} was just made; its own setting has until {grace} after that to come"
    return replace(violation, fix=NoFix(why), commands=(), confirm_after=grace - age, too_early=True)


def _age(subject: Resource, moment: datetime | None) -> timedelta | None:
    """How old a resource was when it was read; None where its document or the moment does not say."""
    try:
        made = datetime.fromisoformat(str(subject.at("systemData", "createdAt")))
    except ValueError:
        return None
    made = made if made.tzinfo else made.replace(tzinfo=UTC)
    return None if moment is None else moment - made


def _unsent(on: ResourceId, settings: Sequence[Resource], logs: Logs) -> Violation:
    """No setting sends the logs anywhere, and the baseline does not say where to send them."""
    evidence = {"settings": [_summary(setting, logs) for setting in settings]}
    why = NoFix("the baseline names no centralWorkspaceId to send them to", "Name one, and it is repaired.")
    return Violation(f"no diagnostic setting of {on.name} sends {logs.what} anywhere", evidence, fix=why)


def _goes_anywhere(setting: Resource) -> bool:
    return any(setting.properties(destination) for destination in DESTINATIONS)


def _violation(
    on: ResourceId, settings: Sequence[Resource], workspace: str, logs: Logs, group: str
) -> Violation:
    evidence: dict[str, Any] = {
        "centralWorkspaceId": workspace,
        "settings": [_summary(setting, logs) for setting in settings],
    }
    message = f"no diagnostic setting of {on.name} sends {logs.what} to the central workspace"
    write, before = _write(on, settings, workspace, logs, group)
    if before is None and len(settings) >= MOST_DIAGNOSTIC_SETTINGS:
        why = f"it has {len(settings)} diagnostic settings already, as many as there can be"
        return Violation(message, evidence, fix=NoFix(why))
    return Violation(message, evidence, fix=_fix(write, before, logs), commands=(commands.for_write(write),))


def _fix(write: Write, before: Json | None, logs: Logs) -> Fix:
    back = Write("DELETE", write.id) if before is None else Write("PUT", write.id, before)
    return Fix(
        title=f"Send {logs.what} to the central workspace",
        applicability=Applicability.SAFE,
        writes=(write,),
        inverse=(back,),
        before={write.id.key: before},
        proof="With this setting the rule is satisfied; no other setting, sink or metric changes.",
        tolerances=(f"The central workspace receives and stores {logs.what}, which costs.",),
    )


def _write(
    on: ResourceId, settings: Sequence[Resource], workspace: str, logs: Logs, group: str
) -> tuple[Write, Json | None]:
    """The setting to put, and what is there now. Its id is spelled as the resource's; lists lower-case it."""
    ours = sorted((s for s in settings if _points_at(s, workspace)), key=lambda s: s.id.name)
    if ours:
        setting = ours[0]
        before = {"properties": _set_properties(setting)}
        body = {"properties": {**before["properties"], "logs": logs.added_to(setting, group)}}
        return Write("PUT", on.extension(TYPE, setting.id.name), body), before
    taken = {setting.id.name.lower() for setting in settings}
    name = OWN_NAME if POLICY_NAME.lower() in taken else POLICY_NAME
    body = {"properties": {"workspaceId": workspace, "logs": logs.fresh(group), "metrics": []}}
    return Write("PUT", on.extension(TYPE, name), body), None


def _set_properties(setting: Resource) -> dict[str, Any]:
    """What is kept as the before-image: ARM answers every unset property as null, and takes none back."""
    properties = setting.properties()
    if not isinstance(properties, Mapping):
        return {}
    return {key: value for key, value in properties.items() if value is not None}


def _points_at(setting: Resource, workspace: str) -> bool:
    named = setting.properties("workspaceId")
    return isinstance(named, str) and named.rstrip("/").lower() == workspace.rstrip("/").lower()


def _entries(setting: Resource) -> Iterator[Mapping[str, Any]]:
    logs = setting.properties("logs")
    return (log for log in (logs if isinstance(logs, list) else ()) if isinstance(log, Mapping))


def _text(log: Mapping[str, Any], key: str) -> str:
    return str(log.get(key) or "").lower()


def _summary(setting: Resource, logs: Logs) -> dict[str, Any]:
    return {
        "name": setting.id.name,
        "workspaceId": setting.properties("workspaceId"),
        "logsWanted": logs.arrive(setting),
    }
