"""Where access across a peering is off: whether a group lets a host in by its addresses all the same.

Access that is off takes the other network out of VirtualNetwork, and so out of the default rules. Whether a
rule that names the addresses still lets packets through is told both ways, and so is it for a machine without
any group: there it cannot be told that no host reaches it.
"""

from collections.abc import Iterable, Mapping

from remediation.kinds import NIC, SCALE_SET_NIC
from remediation.landing_zone.bastion.reach import Reaching
from remediation.landing_zone.indexes import among
from remediation.landing_zone.subnets import subnets_of
from remediation.model import Resource, Snapshot
from remediation.nsg import Access, Direction, parse
from remediation.nsg.spaces.addresses import parse_addresses
from remediation.nsg.spaces.sets import from_pairs, intersect
from remediation.resource_id import ResourceId
from remediation.rule import ids_at

_GROUP = "properties.networkSecurityGroup.id"
_MEMBERS = "properties.ipConfigurations[].id"
_PORTS = (22, 3389)


def in_dispute(found: Iterable[Reaching]) -> tuple[str, ...]:
    """The prefixes of hosts that are kept away by nothing but access that is off."""
    refused = [pair for one in found for pair in one.refused]
    return tuple(prefix for host, answer in refused if answer.disputed for prefix in host.prefixes)


def groups_before(network: Resource, snapshot: Snapshot) -> Mapping[str, tuple[ResourceId, ...]]:
    """The groups of each NIC in a network (its id's key) and of its subnets, as far as NICs were listed."""
    found: dict[str, dict[ResourceId, None]] = {}
    for subnet in subnets_of(network):
        groups = dict.fromkeys(ids_at(subnet.body, _GROUP))
        for member in ids_at(subnet.body, _MEMBERS):
            nic = member.up_to(SCALE_SET_NIC) or member.up_to(NIC)
            if nic is not None:
                found.setdefault(nic.key, {}).update(groups)
    for one in among(snapshot.listed_if_read(NIC, f"/subscriptions/{network.id.subscription}"), found):
        found[one.id.key].update(dict.fromkeys(ids_at(one.body, _GROUP)))
    return {key: tuple(groups) for key, groups in found.items()}


def may_let_in(groups: Iterable[ResourceId], prefixes: Iterable[str], snapshot: Snapshot) -> bool:
    """Whether every group names some of the prefixes in a rule that lets SSH or RDP in.

    Raises UndecidedError where a group was not read.
    """
    read = [snapshot.need(identity) for identity in groups]
    return all(_names(group, prefixes) for group in read if group is not None)


def _names(group: Resource, prefixes: Iterable[str]) -> bool:
    pairs = [parse_addresses(prefix.strip()) for prefix in prefixes]
    wanted = from_pairs(pair for pair in pairs if pair is not None)
    return any(
        rule.direction is not Direction.OUTBOUND
        and rule.access is not Access.DENY
        and (intersect(rule.source.known, wanted) or rule.source.doubts)
        and any(rule.destination_ports.may_hold(port) for port in _PORTS)
        for rule in parse(group.body).custom
    )
