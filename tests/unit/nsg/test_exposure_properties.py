"""The engine against the oracle: verdict, public sources and witness of random NSGs, packet by packet."""

import ipaddress
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediation.nsg import NSG_ALONE, Context, Exposure, exposure, parse
from tests.unit.nsg.oracle import (
    PROBE,
    Address,
    Packet,
    groups_of,
    is_public,
    rules_about,
    together,
)
from tests.unit.nsg.samples import alike, local_samples, port_samples, remote_samples
from tests.unit.nsg.strategies import FAMILIES, REPEATED_TAGS, TAGS_ON_BOTH_SIDES, nsgs

PORTS = st.sampled_from((22, 22, 22, 3389, 80))
PROTOCOLS = st.sampled_from(("tcp", "tcp", "udp"))


def by_brute_force(
    documents: Sequence[dict[str, Any]], port: int, protocol: str, *, default_route: bool = False
) -> dict[Address, str]:
    """The best that each public sample can get, over all source ports, targets and memberships.

    Samples of which every rule says the same are asked about once.
    """
    one = Packet(PROBE, PROBE, port, 0, protocol, default_route=default_route)
    about = [rules_about(document, one, any_source_port=True) for document in documents]
    groups = groups_of(about, "destination")
    ports = alike(about, [(port, replace(one, source_port=port)) for port in port_samples(about, "source")])
    locals_ = alike(about, [(local, replace(one, local=local)) for local in local_samples(about)])
    members = [frozenset(some) for count in range(len(groups) + 1) for some in combinations(groups, count)]
    remotes = [(remote, replace(one, remote=remote)) for remote in remote_samples(documents, public=True)]
    found: dict[Address, str] = {}
    for remote, same in alike(about, remotes).items():
        best = "deny"
        reached = [local for local in locals_ if local.version == remote.version]
        for source_port, local, local_in in product(ports, reached, members):
            got = together(
                about,
                Packet(
                    remote, local, port, source_port, protocol, local_in=local_in, default_route=default_route
                ),
            )
            if got == "allow":
                best = "allow"
                break
            if got == "unknown":
                best = "unknown"
        found |= dict.fromkeys(same, best)
    return found


def agrees(
    documents: Sequence[dict[str, Any]], port: int, protocol: str, context: Context = NSG_ALONE
) -> None:
    answer = exposure([parse(document) for document in documents], port, protocol, context)
    expected = by_brute_force(documents, port, protocol, default_route=context.default_route)
    assert expected_verdict(expected) == answer.verdict
    networks = [ipaddress.ip_network(text) for text in answer.public_sources]
    for address, best in expected.items():
        inside = any(address in network for network in networks if network.version == address.version)
        assert inside == (best == "allow"), f"{address} is {best}"
    assert list(ipaddress.collapse_addresses([one for one in networks if one.version == 4])) == [
        one for one in networks if one.version == 4
    ]
    check_witness(documents, answer)


def expected_verdict(expected: dict[Address, str]) -> str:
    found = set(expected.values())
    if "allow" in found:
        return "open"
    return "unknown" if "unknown" in found else "closed"


def check_witness(documents: Sequence[dict[str, Any]], answer: Exposure) -> None:
    seen = answer.witness
    assert (seen is not None) == (answer.verdict == "open")
    if seen is None:
        return
    source, target = ipaddress.ip_address(seen.source), ipaddress.ip_address(seen.destination)
    assert source.version == target.version
    assert is_public(source)
    members = frozenset(seen.destination_groups)
    packet = Packet(
        source,
        ipaddress.ip_address(seen.destination),
        seen.port,
        seen.source_port,
        seen.protocol,
        local_in=members,
    )
    assert together(documents, packet) == "allow"
    for port in (49152, *port_samples(documents, "source")):
        if port == seen.source_port:
            break
        other = Packet(source, packet.local, seen.port, port, seen.protocol, local_in=members)
        assert port > seen.source_port or together(documents, other) != "allow"


@given(nsgs(), PORTS, PROTOCOLS)
def test_an_ordinary_nsg_is_judged_as_packet_by_packet(
    document: dict[str, Any], port: int, protocol: str
) -> None:
    agrees([document], port, protocol)


@given(nsgs(nasty=True), PORTS, PROTOCOLS)
def test_a_nasty_nsg_is_judged_as_packet_by_packet(
    document: dict[str, Any], port: int, protocol: str
) -> None:
    agrees([document], port, protocol)


@given(nsgs(nasty=True, most=3), nsgs(nasty=True, most=3), PORTS)
def test_two_nsgs_in_a_row_are_judged_as_packet_by_packet(
    subnet: dict[str, Any], nic: dict[str, Any], port: int
) -> None:
    agrees([subnet, nic], port, "tcp")


@given(nsgs(nasty=True), PORTS)
def test_a_known_default_route_is_judged_as_packet_by_packet(document: dict[str, Any], port: int) -> None:
    agrees([document], port, "tcp", Context(default_route=True))


@given(nsgs(pools=FAMILIES), PORTS)
def test_rules_for_either_family_are_judged_as_packet_by_packet(document: dict[str, Any], port: int) -> None:
    agrees([document], port, "tcp")


@given(nsgs(pools=FAMILIES, most=3), nsgs(pools=FAMILIES, most=3), PORTS)
def test_two_nsgs_for_either_family_are_judged_as_packet_by_packet(
    subnet: dict[str, Any], nic: dict[str, Any], port: int
) -> None:
    agrees([subnet, nic], port, "tcp")


@given(nsgs(pools=REPEATED_TAGS), PORTS)
def test_repeated_tags_are_judged_as_packet_by_packet(document: dict[str, Any], port: int) -> None:
    agrees([document], port, "tcp")


@given(nsgs(pools=REPEATED_TAGS, nasty=True, most=3), nsgs(pools=REPEATED_TAGS, most=3), PORTS)
def test_a_tag_that_two_nsgs_name_is_judged_as_packet_by_packet(
    subnet: dict[str, Any], nic: dict[str, Any], port: int
) -> None:
    agrees([subnet, nic], port, "tcp")


@given(nsgs(pools=TAGS_ON_BOTH_SIDES), PORTS)
def test_tags_on_both_sides_are_judged_as_packet_by_packet(document: dict[str, Any], port: int) -> None:
    agrees([document], port, "tcp")


@given(nsgs(pools=TAGS_ON_BOTH_SIDES, most=2), nsgs(pools=TAGS_ON_BOTH_SIDES, most=2), PORTS)
def test_tags_on_both_sides_of_two_nsgs_are_judged_as_packet_by_packet(
    subnet: dict[str, Any], nic: dict[str, Any], port: int
) -> None:
    agrees([subnet, nic], port, "tcp")
