"""Flows of random NSGs against the oracle, packet by packet."""

import ipaddress
from itertools import combinations, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediation.nsg import Direction, flow_allowed, parse
from tests.unit.nsg.oracle import PROBE, Address, Packet, groups_of, rules_about, together
from tests.unit.nsg.samples import alike, local_samples, port_samples, remote_samples
from tests.unit.nsg.strategies import FAMILIES, REPEATED_TAGS, nsgs

ASKED = st.sampled_from(("10.0.0.0/8", "45.0.0.0/8", "2a0b:77c0::/32", "168.63.129.16", "fd00::/8"))
FIRST_DYNAMIC = 49152


def by_brute_force(document: dict[str, Any], source: str, port: int) -> set[str]:
    """The verdicts of all packets from some addresses to anything behind the NSG."""
    network = ipaddress.ip_network(source)
    one = Packet(PROBE, PROBE, port, FIRST_DYNAMIC)
    about = [rules_about(document, one, any_source_port=True)]
    dynamic = {FIRST_DYNAMIC, *(one for one in port_samples(about, "source") if one > FIRST_DYNAMIC)}
    groups = groups_of(about, "destination")
    members = [frozenset(some) for count in range(len(groups) + 1) for some in combinations(groups, count)]
    inside: set[Address] = {network[0], *(one for one in remote_samples(about) if one in network)}
    locals_ = [one for one in local_samples(about) if one.version == network.version]
    targets = alike(about, [(local, Packet(network[0], local, port)) for local in locals_])
    return {
        together(about, Packet(remote, local, port, source_port, local_in=member))
        for remote, local, source_port, member in product(inside, targets, dynamic, members)
    }


def agrees(document: dict[str, Any], source: str, port: int) -> None:
    answer = flow_allowed(parse(document), Direction.INBOUND, source, "*", port)
    found = by_brute_force(document, source, port)
    verdicts = {"allow": answer.allowed, "deny": answer.denied, "unknown": answer.unknown}
    assert {verdict for verdict, there in verdicts.items() if there} == found


@given(nsgs(nasty=True), ASKED)
def test_flows_through_a_nasty_nsg_are_judged_as_packet_by_packet(
    document: dict[str, Any], source: str
) -> None:
    agrees(document, source, 22)


@given(nsgs(pools=FAMILIES), ASKED)
def test_flows_of_either_family_are_judged_as_packet_by_packet(document: dict[str, Any], source: str) -> None:
    agrees(document, source, 22)


@given(nsgs(pools=REPEATED_TAGS), ASKED)
def test_flows_beside_repeated_tags_are_judged_as_packet_by_packet(
    document: dict[str, Any], source: str
) -> None:
    agrees(document, source, 22)
