"""Rule bastion-subnet-nsg-required-flows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION, NSG, VNET
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.flows import Passage, flows, kerberos, passage, properties_of
from remediation.landing_zone.bastion.host import is_on
from remediation.landing_zone.facts import BASTION_KERBEROS, BASTION_SUBNET, BASTION_USERS
from remediation.landing_zone.joining.members import member_prefixes
from remediation.landing_zone.openings import OWN_PREFIX, opening, opening_fix
from remediation.landing_zone.surroundings import Surroundings, readable, without_rules
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
from remediation.nsg import Nsg, RuleChange, apply_changes, parse
from remediation.resource_id import ResourceId
from remediation.rule import Doubt, Doubts, Follow, Verdict, ids_at, rule

_HOST = Follow("properties.ipConfigurations[].id", to=BASTION)
_TABLE = Follow("properties.routeTable.id")
_SUBNETS = "properties.subnets[].id"
_KERBEROS = "enableKerberos"


def _offers_kerberos(nsg: Resource, snapshot: Snapshot, _baseline: Baseline) -> bool:
    return any(is_on(host, _KERBEROS) for host in _hosts_behind(Surroundings.of(nsg, snapshot)))


@rule(
    "bastion-subnet-nsg-required-flows",
    title="Bastion's own network security group blocks what Bastion needs",
    applies_to=(NSG,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Sessions fail, or cannot be started.",
        Severity.MEDIUM: "Sessions go on; only sign-in with Kerberos fails.",
        Severity.INFO: "Everything gets through today; Azure refuses the next change of the group.",
    },
    guidance=("R8", "C7"),
    applicability=Applicability.UNSAFE,
    needs=(Follow(_SUBNETS, then=(_HOST, _TABLE)),),
    closer=(Follow(_SUBNETS, to=VNET),),
    suspects=_offers_kerberos,
    refuses=without_rules,
)
def required_flows(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """The network security group of AzureBastionSubnet blocks traffic that Bastion cannot do without.

    What it finds: a flow of the documented list that is denied, in whole or in part, by first-match
    evaluation; names and priorities of rules do not matter. TCP is enough where the list says any protocol.
    The operator's own public ranges are as good as Internet for the people who connect; a private-only host
    needs its own network instead. Where the host offers Kerberos, also a port of domain controllers (53, 88,
    389, 464, 636) that leads nowhere into the network.
    Severity: high; medium when only Kerberos is blocked; info when everything gets through, some of it by
    default rules only, which Azure refuses on the next change of the group.
    Why: sessions fail or cannot be started, and nothing in Bastion's own status says why.
    Fix: an allow rule for each missing flow, before the rule that blocks it; with them one for each flow that
    no rule certainly decides. Azure takes a group only if it has all of the rules: what needs more than one
    step is one write of the whole group, everything else in it as it was read.
    Fix safety: UNSAFE. It opens what a person may have closed on purpose; the deny itself stays. No fix when
    no priority is free, or when the group has other attachments too. Azure refuses to have it taken back
    while the group would be incomplete.
    Unknown: when the group or a deciding rule cannot be read, when a tag other than the required one decides,
    or when it matters that a host cannot be read: it may be private-only, or offer Kerberos.
    References: R8, C7; Working with NSG access and Azure Bastion; Configure Bastion for Kerberos.
    """
    around = Surroundings.of(subject, snapshot)
    if not any(subnet.name.lower() == BASTION_SUBNET for subnet in around.subnet_ids):
        return
    doubts = Doubts()
    hosts = doubts.ask(_hosts_behind, around)
    passages = [*_required(around, around.parsed, hosts or ()), *_kerberos(around, hosts)]
    if hosts is None and any(_depends_on_the_host(one) for one in passages):
        passages = [one for one in passages if not _depends_on_the_host(one)]
        yield from doubts
    missing = _Missing.among(passages)
    if missing.blocked or missing.lucky:
        yield _violation(around, missing, _fix(around, missing, hosts or ()))
        return
    doubtful = [one.text for one in passages if one.doubtful]
    if doubtful:
        yield Doubt(f"whether {subject.id.name} lets through {doubtful[0]} depends on what cannot be read")


# The hosts, and what they need -------------------------------------------------------------------


def _hosts_behind(around: Surroundings) -> tuple[Resource, ...]:
    """The hosts in the subnet; raises UndecidedError where one cannot be read."""
    if around.subnets is None:
        raise UndecidedError("AzureBastionSubnet could not be read, nor which host stands in it")
    read = [around.snapshot.need(owner) for subnet in around.subnets for owner in _owners(subnet)]
    return tuple(host for host in read if host is not None)


def _owners(subnet: Resource) -> Iterator[ResourceId]:
    owners = ids_at(subnet.body, "properties.ipConfigurations[].id")
    return (host for owner in owners if (host := owner.up_to(BASTION)) is not None)


def _required(around: Surroundings, nsg: Nsg, hosts: Sequence[Resource]) -> Iterator[Passage]:
    """How a state of the group treats what Azure insists on."""
    private_only = any(is_on(host, "enablePrivateOnlyBastion") for host in hosts)
    return (passage(nsg, flow, around.known) for flow in flows(private_only=private_only))


def _kerberos(around: Surroundings, hosts: Sequence[Resource] | None) -> Iterator[Passage]:
    """How the group treats domain controllers, where a host offers Kerberos or may."""
    if hosts is None or any(is_on(host, _KERBEROS) for host in hosts):
        yield kerberos(around.parsed, _prefixes(around), around.known)


def _prefixes(around: Surroundings) -> tuple[str, ...]:
    """The address spaces of Bastion's network and its connected peers, as far as they were read."""
    ids = (subnet.up_to(VNET) for subnet in around.subnet_ids)
    found = [around.snapshot.get(identity) for identity in ids if identity is not None]
    networks = [network for network in found if isinstance(network, Resource)]
    prefixes = (member_prefixes(network, around.snapshot, BASTION_SUBNET) for network in networks)
    return readable(prefix for each in prefixes for prefix in each)


def _depends_on_the_host(one: Passage) -> bool:
    """Whether it would matter that a host is private-only, or offers Kerberos."""
    at_odds = one.blocked or one.only_by_default
    if one.flow.name == BASTION_KERBEROS.name:
        return at_odds or one.doubtful
    return one.flow.name == BASTION_USERS.name and at_odds


# What is told, and what would be written ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Missing:
    """What does not get through, what does by default rules only, and what no rule certainly decides."""

    blocked: list[Passage]
    lucky: list[Passage]
    open_questions: list[Passage]

    @classmethod
    def among(cls, passages: Sequence[Passage]) -> "_Missing":
        return cls(
            [one for one in passages if one.blocked],
            [one for one in passages if one.only_by_default and not one.blocked],
            [one for one in passages if one.unanswered],
        )

    @property
    def severity(self) -> Severity:
        if not self.blocked:
            return Severity.INFO
        return Severity.HIGH if any(one.flow.checked for one in self.blocked) else Severity.MEDIUM

    @property
    def to_write(self) -> list[Passage]:
        """What Azure insists on first: it takes the others only then."""
        every = [*self.blocked, *self.lucky, *self.open_questions]
        return sorted(every, key=lambda one: not one.flow.checked)


def _violation(around: Surroundings, missing: _Missing, fix: Fix | NoFix) -> Violation:
    evidence: dict[str, Any] = {
        "blocked": [_evidence(one) for one in missing.blocked],
        "onlyByDefaultRules": [one.text for one in missing.lucky],
        "notKnown": [one.text for one in missing.open_questions],
        "blastRadius": "every user of this Bastion",
    }
    name = around.nsg.id.name
    message = f"{name} blocks what Bastion needs: {'; '.join(one.text for one in missing.blocked)}"
    if not missing.blocked:
        message = f"{name} lets through by default rules only: {'; '.join(one.text for one in missing.lucky)}"
    return Violation(message, evidence, missing.severity, fix, commands.for_fix(fix))


def _evidence(blocked: Passage) -> dict[str, object]:
    denied_by = [{"rule": one.name, "priority": one.priority} for one in blocked.answer.denied_by]
    return {"flow": blocked.text, "deniedBy": denied_by}


def _fix(around: Surroundings, missing: _Missing, hosts: Sequence[Resource]) -> Fix | NoFix:
    """Openings for all missing flows, each planned on the group that has the ones before.

    One write of the whole group where Azure would refuse one of the steps.
    """
    others = [*around.nic_ids, *(one for one in around.subnet_ids if one.name.lower() != BASTION_SUBNET)]
    if others:
        return NoFix(f"the group is also attached to {others[0].name}, which would be opened too")
    state = around.nsg.body
    changes: list[RuleChange] = []
    taken: list[bool] = []
    for one in missing.to_write:
        name = f"{OWN_PREFIX}{one.flow.name}"
        change = opening(parse(state), name, properties_of(one.flow), one.answer.denied_by)
        if isinstance(change, NoFix):
            return NoFix(f"{one.text}: {change.reason}")
        changes.append(change)
        state = apply_changes(state, [change])
        taken.append(all(each.accepted for each in _required(around, parse(state), hosts)))
    if not taken[-1]:
        return NoFix("it is not proven that Azure would take the group with these rules")
    return opening_fix(around.nsg, tuple(changes), "Let through what Bastion needs", whole=not all(taken))
