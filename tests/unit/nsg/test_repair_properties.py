"""Repairs of random NSGs against the oracle: the invariant, every step, the way back, and planning again."""

import ipaddress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.arm.errors import ArmError
from lab.arm.refusals.rule_checks import PLURALS, check_rules
from remediation.model import NoFix
from remediation.nsg import BroadFrom, Repair, apply_changes, plan_repair
from tests.unit.nsg.oracle import PROBE, Packet, is_public, together, verdict
from tests.unit.nsg.packets import packets
from tests.unit.nsg.strategies import FAMILIES, REPEATED_TAGS, nsgs

PORTS = (22, 3389)
APPROVED = st.sampled_from(((), (), ("45.60.0.0/17",), ("20.1.2.0/24", "2a0b:77c0::/48")))
SEEDS = st.integers(0, 2**32)
SOME = 96


def approved_by(packet: Packet, approved: tuple[str, ...]) -> bool:
    networks = [ipaddress.ip_network(text) for text in approved]
    return any(packet.remote in network for network in networks if network.version == packet.remote.version)


def is_forbidden(packet: Packet, approved: tuple[str, ...]) -> bool:
    return is_public(packet.remote) and not approved_by(packet, approved) and packet.port in PORTS


def tolerated(packet: Packet) -> bool:
    """Private sources outside VirtualNetwork cannot be routed here; load balancer probes can."""
    private = not is_public(packet.remote) and packet.remote != PROBE
    return private and "virtualnetwork" not in packet.remote_in and packet.port in PORTS


def keeps_the_invariant(
    document: dict[str, Any], approved: tuple[str, ...], seed: int, keep: BroadFrom | None = None
) -> None:
    repair = plan_repair(document, PORTS, approved, keep=keep)
    if not isinstance(repair, Repair) or not repair.changes:
        return
    states = [document]
    for change in repair.changes:
        states.append(apply_changes(states[-1], [change]))
    for packet in packets([document, states[-1]], "inbound", ("tcp", "udp"), seed, SOME):
        had, *between, has = (verdict(state, packet) for state in states)
        assert had == "allow" or "allow" not in (*between, has), f"opened: {packet}"
        if not is_forbidden(packet, approved):
            assert has == had or (had == "allow" and tolerated(packet)), f"{had} became {has}: {packet}"
        elif had == "allow" and not repair.left and not approved_by(packet, repair.kept):
            assert has == "deny" or certainly(document, packet) != "allow", f"still open: {packet}"
    again = plan_repair(states[-1], PORTS, approved, keep=keep)
    assert isinstance(again, NoFix) or not again.changes
    assert isinstance(again, Repair) or repair.left or repair.kept
    assert all(accepted(state) for state in states) or not accepted(document)
    assert by_name(apply_changes(states[-1], repair.inverse)) == by_name(document)


def accepted(document: dict[str, Any]) -> bool:
    """Whether ARM takes the rules, as far as the lab knows what it refuses."""
    absent: dict[str, Any] = {key: [] for key in PLURALS}
    rules = [
        {**rule, "properties": {**absent, **rule["properties"]}}
        for rule in document["properties"]["securityRules"]
    ]
    try:
        check_rules({**document, "properties": {"securityRules": rules}})
    except (ArmError, LookupError, TypeError, AttributeError):  # no body a client could send
        return False
    return True


def certainly(document: dict[str, Any], packet: Packet) -> str:
    """The verdict when nobody knows which tags hold the source."""
    unknowing = Packet(
        packet.remote,
        packet.local,
        packet.port,
        packet.source_port,
        packet.protocol,
        local_in=packet.local_in,
    )
    return together([document], unknowing)


def by_name(document: dict[str, Any]) -> dict[str, Any]:
    return {rule["name"]: rule["properties"] for rule in document["properties"]["securityRules"]}


@given(nsgs(unique=True, tags=False), APPROVED, SEEDS)
def test_a_repair_takes_away_what_is_forbidden_and_nothing_else(
    document: dict[str, Any], approved: tuple[str, ...], seed: int
) -> None:
    keeps_the_invariant(document, approved, seed)


@given(nsgs(unique=True, nasty=True), APPROVED, SEEDS)
def test_a_repair_of_a_nasty_nsg_takes_away_what_is_forbidden_and_nothing_else(
    document: dict[str, Any], approved: tuple[str, ...], seed: int
) -> None:
    keeps_the_invariant(document, approved, seed)


@given(nsgs(unique=True, pools=FAMILIES), APPROVED, SEEDS)
def test_a_repair_of_rules_for_either_family_takes_away_what_is_forbidden_and_nothing_else(
    document: dict[str, Any], approved: tuple[str, ...], seed: int
) -> None:
    keeps_the_invariant(document, approved, seed)


@given(nsgs(unique=True, pools=REPEATED_TAGS), APPROVED, SEEDS)
def test_a_repair_beside_repeated_tags_takes_away_what_is_forbidden_and_nothing_else(
    document: dict[str, Any], approved: tuple[str, ...], seed: int
) -> None:
    keeps_the_invariant(document, approved, seed)


@given(nsgs(unique=True, pools=FAMILIES), APPROVED, SEEDS)
def test_a_repair_that_keeps_named_sources_closes_the_port_to_all_others(
    document: dict[str, Any], approved: tuple[str, ...], seed: int
) -> None:
    keeps_the_invariant(document, approved, seed, keep=BroadFrom(ipv4_addresses=2**16 + 1))
