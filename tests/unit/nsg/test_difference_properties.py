"""Differences of random NSGs against the oracle, packet by packet."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediation.nsg import Direction, Traffic, difference, parse
from tests.unit.nsg.oracle import Address, Packet, verdict
from tests.unit.nsg.packets import packets
from tests.unit.nsg.strategies import FAMILIES, REPEATED_TAGS, nsgs, rules

SOME = 96
ALL_PROTOCOLS = ("tcp", "udp", "icmp")
SEEDS = st.integers(0, 2**32)


def number(address: Address) -> int:
    return int(address) + (2**128 if address.version == 6 else 0)


def holds(ranges: tuple[int, ...], value: int) -> bool:
    return any(low <= value < high for low, high in zip(ranges[::2], ranges[1::2], strict=True))


def has(piece: Traffic, packet: Packet) -> bool:
    ports = packet.protocol not in {"tcp", "udp"} or (
        holds(piece.ports, packet.port) and holds(piece.source_ports, packet.source_port)
    )
    return (
        ports
        and piece.direction.value.lower() == packet.direction
        and packet.protocol in piece.protocols
        and set(piece.remote_symbols) == packet.remote_in
        and set(piece.local_symbols) == packet.local_in
        and holds(piece.remote, number(packet.remote))
        and holds(piece.local, number(packet.local))
    )


def agrees(before: dict[str, Any], after: dict[str, Any], seed: int) -> None:
    """Each sampled packet is in exactly the piece its two verdicts call for."""
    found = difference(parse(before), parse(after))
    for direction in Direction:
        for packet in packets([before, after], direction.value.lower(), ALL_PROTOCOLS, seed, SOME):
            kinds = {
                kind
                for kind in ("added", "removed", "unknown")
                if any(has(piece, packet) for piece in getattr(found, kind))
            }
            assert kinds == expected(verdict(before, packet), verdict(after, packet), kinds), packet


def expected(had: str, has_now: str, kinds: set[str]) -> set[str]:
    if "unknown" in {had, has_now}:
        # Unknown before and after for the same reason is no difference.
        return kinds & {"unknown"} if had == has_now else {"unknown"}
    if had == has_now:
        return set()
    return {"added"} if has_now == "allow" else {"removed"}


@given(nsgs(inbound=False, most=4), nsgs(inbound=False, most=3), SEEDS)
def test_the_difference_of_two_nsgs_holds_packet_by_packet(
    before: dict[str, Any], after: dict[str, Any], seed: int
) -> None:
    agrees(before, after, seed)


@given(nsgs(nasty=True, inbound=False, most=4), rules("rule9", nasty=True, inbound=False), SEEDS)
def test_the_difference_one_nasty_rule_makes_holds_packet_by_packet(
    before: dict[str, Any], rule: dict[str, Any], seed: int
) -> None:
    after = deepcopy(before)
    after["properties"]["securityRules"].append(rule)
    agrees(before, after, seed)


@given(nsgs(pools=FAMILIES, inbound=False, most=4), nsgs(pools=FAMILIES, inbound=False, most=3), SEEDS)
def test_the_difference_of_rules_for_either_family_holds_packet_by_packet(
    before: dict[str, Any], after: dict[str, Any], seed: int
) -> None:
    agrees(before, after, seed)


@given(nsgs(pools=REPEATED_TAGS, most=4), nsgs(pools=REPEATED_TAGS, most=3), SEEDS)
def test_the_difference_of_repeated_tags_holds_packet_by_packet(
    before: dict[str, Any], after: dict[str, Any], seed: int
) -> None:
    agrees(before, after, seed)


@given(nsgs(nasty=True, inbound=False))
def test_an_nsg_does_not_differ_from_itself(document: dict[str, Any]) -> None:
    assert difference(parse(document), parse(deepcopy(document))).empty


@given(nsgs(inbound=False, most=3), nsgs(inbound=False, most=3))
def test_the_way_back_takes_away_what_the_way_there_added(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    there = difference(parse(before), parse(after))
    back = difference(parse(after), parse(before))
    assert flows(there.added) == flows(back.removed)
    assert flows(there.removed) == flows(back.added)


def flows(pieces: tuple[Traffic, ...]) -> set[object]:
    return {
        (one.direction, one.protocols, one.ports, one.source_ports, one.remote, one.remote_symbols, one.local,
         one.local_symbols)
        for one in pieces
    }  # fmt: skip
