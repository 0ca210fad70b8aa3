"""Rule bastion-subnet-nsg-required-flows."""

from collections.abc import Iterator, Sequence
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION, NSG
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.flows import Passage, flows, passage, properties_of
from remediation.landing_zone.facts import BASTION_SUBNET, BASTION_USERS
from remediation.landing_zone.openings import OWN_PREFIX, opening, opening_fix
from remediation.landing_zone.surroundings import Surroundings, without_rules
from remediation.model import (
    Applicability,
    Fix,
    NoFix,
    Resource,
    Severity,
    Snapshot,
    UndecidedError,
    Violation,
)
from remediation.nsg import RuleChange, apply_changes, parse
from remediation.resource_id import ResourceId
from remediation.rule import Doubt, Doubts, Follow, Verdict, ids_at, rule

_HOST = Follow("properties.ipConfigurations[].id", to=BASTION)
_TABLE = Follow("properties.routeTable.id")


@rule(
    "bastion-subnet-nsg-required-flows",
    title="Bastion's own network security group blocks what Bastion needs",
    applies_to=(NSG,),
    severity=Severity.HIGH,
    guidance=("R8",),
    applicability=Applicability.UNSAFE,
    needs=(Follow("properties.subnets[].id", then=(_HOST, _TABLE)),),
    refuses=without_rules,
)
def required_flows(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """The network security group of AzureBastionSubnet blocks traffic that Bastion cannot do without.

    What it finds: a flow of the documented list that is denied, in whole or in part, by first-match
    evaluation; names and priorities of rules do not matter. The operator's own public ranges are as good as
    Internet for the people who connect.
    Severity: high; info when everything gets through, some of it by default rules only, which Azure refuses
    on the next change of the group.
    Why: sessions fail or cannot be started, and nothing in Bastion's own status says why.
    Fix: an allow rule for each missing flow, before the rule that blocks it; with them one for each flow that
    no rule certainly decides, since Azure takes only all of the rules.
    Fix safety: UNSAFE. It opens what a person may have closed on purpose; the deny itself stays. No fix when
    no priority is free, or when the group has other attachments too.
    Unknown: when the group or a deciding rule cannot be read, when a tag other than the required one decides,
    or when people are kept out of a host that cannot be read, since it may be private-only.
    References: R8; Working with NSG access and Azure Bastion.
    """
    around = Surroundings(subject, snapshot)
    if not any(subnet.name.lower() == BASTION_SUBNET for subnet in around.subnet_ids):
        return
    doubts = Doubts()
    private_only = doubts.ask(_is_private_only, around)
    nsg, context = parse(subject.body), around.known
    passages = [passage(nsg, flow, context) for flow in flows(private_only=bool(private_only))]
    if private_only is None and any(_keeps_users_out(one) for one in passages):
        passages = [one for one in passages if not _keeps_users_out(one)]
        yield from doubts
    blocked = [one for one in passages if one.blocked]
    lucky = [one for one in passages if one.only_by_default and not one.blocked]
    if blocked or lucky:
        yield _violation(around, blocked, lucky, [one for one in passages if one.unanswered])
        return
    doubtful = [one.text for one in passages if one.answer.unknown]
    if doubtful:
        yield Doubt(f"whether {subject.id.name} lets through {doubtful[0]} depends on what cannot be read")


def _keeps_users_out(one: Passage) -> bool:
    """Whether it would matter that the host is private-only: its people come from elsewhere."""
    return one.flow.name == BASTION_USERS.name and (one.blocked or one.only_by_default)


def _is_private_only(around: Surroundings) -> bool:
    if around.subnets is None:
        raise UndecidedError("AzureBastionSubnet could not be read, nor whether its host is private-only")
    for subnet in around.subnets:
        for owner in _hosts(subnet):
            host = around.snapshot.need(owner)
            if host is not None and host.properties("enablePrivateOnlyBastion") is True:
                return True
    return False


def _hosts(subnet: Resource) -> Iterator[ResourceId]:
    owners = ids_at(subnet.body, "properties.ipConfigurations[].id")
    return (host for owner in owners if (host := owner.up_to(BASTION)) is not None)


def _violation(
    around: Surroundings, blocked: Sequence[Passage], lucky: Sequence[Passage], open_questions: list[Passage]
) -> Violation:
    nsg = around.nsg
    evidence: dict[str, Any] = {
        "blocked": [_evidence(one) for one in blocked],
        "onlyByDefaultRules": [one.text for one in lucky],
        "notKnown": [one.text for one in open_questions],
        "blastRadius": "every user of this Bastion",
    }
    # Azure refuses a group that has some of the rules: one that may be missing is written with the others.
    fix = _fix(around, [*blocked, *lucky, *open_questions])
    message = f"{nsg.id.name} blocks what Bastion needs: {'; '.join(one.text for one in blocked)}"
    if not blocked:
        message = f"{nsg.id.name} lets through by default rules only: {'; '.join(one.text for one in lucky)}"
    severity = Severity.HIGH if blocked else Severity.INFO
    return Violation(message, evidence, severity, fix, commands.for_fix(fix))


def _evidence(blocked: Passage) -> dict[str, object]:
    denied_by = [{"rule": one.name, "priority": one.priority} for one in blocked.answer.denied_by]
    return {"flow": blocked.text, "deniedBy": denied_by}


def _fix(around: Surroundings, missing: Sequence[Passage]) -> Fix | NoFix:
    """Openings for all missing flows, each planned on the group that has the ones before."""
    others = [*around.nic_ids, *(one for one in around.subnet_ids if one.name.lower() != BASTION_SUBNET)]
    if others:
        return NoFix(f"the group is also attached to {others[0].name}, which would be opened too")
    state = around.nsg.body
    changes: list[RuleChange] = []
    for one in missing:
        name = f"{OWN_PREFIX}{one.flow.name}"
        change = opening(parse(state), name, properties_of(one.flow), one.answer.denied_by)
        if isinstance(change, NoFix):
            return NoFix(f"{one.text}: {change.reason}")
        changes.append(change)
        state = apply_changes(state, [change])
    return opening_fix(around.nsg, tuple(changes), "Let through what Bastion needs")
