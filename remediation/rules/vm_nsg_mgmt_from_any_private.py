"""Rule vm-nsg-mgmt-from-any-private."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import NIC, NSG, VNET
from remediation.landing_zone.bastion.behind import NETWORKS, Behind
from remediation.landing_zone.facts import SPECIAL_SUBNETS
from remediation.landing_zone.machines import NSG_OF, SUBNET_OF, interfaces_behind, machine_nics
from remediation.landing_zone.private.narrowing import Wanted, to_bastion
from remediation.landing_zone.private.reaching import ANYWHERE, TAG, Admissions, Question, Reached, Service
from remediation.landing_zone.routing.tables import leads_to_firewall
from remediation.landing_zone.subnets import subnet_prefixes, subnets_of, without_subnets
from remediation.landing_zone.surroundings import (
    ATTACHED,
    Surroundings,
    readable,
    without_rules,
)
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import Context, detected
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Doubt, Need, Verdict, ids_at, rule

MOST_SHOWN = 20
BLAST = "tools that use these ports from elsewhere in the network stop when it is narrowed"
_MEMBERS = "properties.ipConfigurations[].id"
_GROUP, _TABLE = "properties.networkSecurityGroup.id", "properties.routeTable.id"


def _only_of(kind: str, *then: Need) -> Chosen:
    """Needs of one of the types that are judged."""
    return Chosen(lambda one, _: (one.id,) if one.id.type == kind else (), then=then)


def _tables(network: Resource, _snapshot: Snapshot) -> Iterable[ResourceId]:
    return (table for subnet in _inhabited(network) for table in ids_at(subnet.body, _TABLE))


def _groups(network: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    return (group for subnet in _unguarded(network, snapshot) for group in ids_at(subnet.body, _GROUP))


def _nics(network: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    return (nic for subnet in _unguarded(network, snapshot) for nic in _nics_of(subnet))


def _suspicious(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> bool:
    """Whether a group alone may let the whole network in by its own rules; a network, by default rules."""
    services = detected(baseline.management_ports)
    if subject.id.type == VNET:
        return any(_in_question(subject, snapshot, services))
    around = Surroundings.of(subject, snapshot)
    if around.empty:
        return False
    known = [prefix for subnet in around.subnets or () for prefix in subnet_prefixes(subnet)]
    context = replace(around.known, default_route=False, virtual_network=readable(known))
    admissions = Admissions(around.parsed, ANYWHERE, context)
    return any(admissions.of(service).own for service in services)


def _refused(subject: Resource) -> str | None:
    return without_subnets(subject) if subject.id.type == VNET else without_rules(subject)


@rule(
    "vm-nsg-mgmt-from-any-private",
    title="Management port open to the whole private network",
    applies_to=(NSG, VNET),
    severity=Severity.LOW,
    because={
        Severity.LOW: "It is about the private network alone; it matters once somebody is inside.",
    },
    guidance=("R8",),
    needs=(
        _only_of(NSG, *ATTACHED),
        _only_of(VNET, Chosen(_tables), Chosen(_groups)),
    ),
    closer=(
        _only_of(NSG, *NETWORKS, *interfaces_behind(NSG_OF, SUBNET_OF)),
        _only_of(VNET, Chosen(_nics, then=(NSG_OF, SUBNET_OF))),
    ),
    suspects=_suspicious,
    refuses=_refused,
)
def from_any_private(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A machine takes SSH or RDP from everywhere in the private network.

    What it finds: a machine to which the network security groups of its subnet and of its NIC together let
    all of VirtualNetwork in on a management port. Where a rule of the team's own does, the finding is the
    group's. Where nothing but default rules do, it is the virtual network's: one for all machines in it. Then
    subnets whose default route leads to a firewall, the ordinary hub-and-spoke, are left out.
    Why: whoever holds one machine of the network, of a peer or of a site behind a gateway reaches them all.
    People come from Bastion's own prefix; nobody else needs the port.
    Fix: none is applied. A person narrows the source to the prefix of AzureBastionSubnet: the commands for a
    group's own rules are printed.
    Fix safety: ALERT. Backup, monitoring and domain tools may use the same ports.
    Unknown: when a NIC, a group or a route table on the way cannot be read, when it depends on what
    VirtualNetwork holds.
    References: R8; network security groups overview.
    """
    if _suspicious(subject, snapshot, baseline):
        question = Question(snapshot, detected(baseline.management_ports))
        judged = _in_network if subject.id.type == VNET else _behind_group
        yield from judged(subject, question)


# Where a group's own rules let the network in ------------------------------------------------------


def _behind_group(nsg: Resource, question: Question) -> Iterator[Verdict]:
    around = Surroundings.of(nsg, question.snapshot)
    nics = machine_nics(around)
    if nics is None:
        yield Doubt("not every network interface behind it could be read")
        return
    found = [list(question.about(nic)) for nic in nics]
    reached = [one for each in found if any(nsg.id.key in own.own for own in each) for one in each]
    if reached:
        yield _by_own_rules(around, reached)
    else:
        yield from list(question.doubts)[:1]


def _by_own_rules(around: Surroundings, reached: Sequence[Reached]) -> Violation:
    nsg = around.nsg
    rules = list(dict.fromkeys(name for one in reached for name in one.own.get(nsg.id.key, ())))
    prefixes = readable(Behind(around).prefixes)
    services = sorted({one.service for one in reached})
    by_hand = to_bastion(nsg, rules, Wanted(prefixes, services)) if prefixes else ()
    who = f"rule {rules[0]}" if len(rules) == 1 else f"rules {', '.join(rules)}"
    message = f"{nsg.id.name} lets all of {TAG} reach {_what(reached)} through {who}"
    return Violation(message, {**_evidence(reached), "rules": rules}, commands=by_hand)


# Where nothing but default rules do ----------------------------------------------------------------


def _in_network(network: Resource, question: Question) -> Iterator[Verdict]:
    reached: list[Reached] = []
    for subnet in _in_question(network, question.snapshot, question.services):
        if leads_to_firewall(subnet, question.snapshot) is None:
            question.doubts.add(f"the routes of {subnet.id.name} were not read")
            continue
        for identity in _nics_of(subnet):
            nic = question.doubts.ask(question.snapshot.need, identity)
            found = [] if nic is None else list(question.about(nic))
            reached += [] if any(one.own for one in found) else found
    if reached:
        message = f"default rules alone let all of {TAG} reach {_what(reached)} in {network.id.name}"
        yield Violation(message, _evidence(reached))
    else:
        yield from list(question.doubts)[:1]


def _inhabited(network: Resource) -> Iterator[Resource]:
    """The subnets of a network in which something of the team's has a network interface."""
    theirs = (subnet for subnet in subnets_of(network) if subnet.id.name.lower() not in SPECIAL_SUBNETS)
    return (subnet for subnet in theirs if _nics_of(subnet))


def _unguarded(network: Resource, snapshot: Snapshot) -> Iterator[Resource]:
    """Those whose default route does not, for all that is known, lead to a firewall."""
    return (subnet for subnet in _inhabited(network) if not leads_to_firewall(subnet, snapshot))


def _in_question(network: Resource, snapshot: Snapshot, services: Sequence[Service]) -> Iterator[Resource]:
    """Those of them that are not certainly closed by a group of their own."""
    return (subnet for subnet in _unguarded(network, snapshot) if _may_let_in(subnet, snapshot, services))


def _may_let_in(subnet: Resource, snapshot: Snapshot, services: Sequence[Service]) -> bool:
    group = next((snapshot.get(identity) for identity in ids_at(subnet.body, _GROUP)), None)
    if not isinstance(group, Resource):
        return True  # there is none, so that those of the interfaces decide; or it was not read
    context = Context(virtual_network=readable(subnet_prefixes(subnet)))
    parsed = Surroundings.of(group, snapshot).parsed
    admissions = snapshot.once(
        (Admissions, id(parsed), context.virtual_network), lambda: Admissions(parsed, ANYWHERE, context)
    )
    return any(admissions.of(service).certain is not False for service in services)


def _nics_of(subnet: Resource) -> list[ResourceId]:
    owners = (identity.up_to(NIC) for identity in ids_at(subnet.body, _MEMBERS))
    return list(dict.fromkeys(owner for owner in owners if owner is not None))


# In words ------------------------------------------------------------------------------------------


def _evidence(reached: Sequence[Reached]) -> dict[str, Any]:
    return {
        "machines": sorted({one.machine.text for one in reached})[:MOST_SHOWN],
        "ports": _ports(reached),
        "blastRadius": BLAST,
    }


def _ports(reached: Sequence[Reached]) -> list[str]:
    return sorted({f"{protocol}/{port}" for port, protocol in (one.service for one in reached)})


def _what(reached: Sequence[Reached]) -> str:
    names = sorted({one.machine.name for one in reached})
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(_ports(reached))} of {', '.join(names[:3])}{more}"
