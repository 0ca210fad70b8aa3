"""What gets across a peering, asked of both networks that it joins."""

from typing import Any

import pytest

from remediation.landing_zone.bastion.reach import place_of
from remediation.landing_zone.joining.carrying import Carried, Joints, Place, carries
from remediation.landing_zone.joining.members import member_prefixes
from remediation.model import Resource, Snapshot, Unread
from remediation.nsg.spaces.addresses import Family, ranges_of
from remediation.resource_id import ResourceId
from tests.builders import Document
from tests.unit.rules.estates_bastion import (
    NETWORK,
    SPOKE,
    a_network,
    a_peering,
    a_subnet,
    bastion_subnet,
)

HUB_ID, SPOKE_ID = ResourceId.parse(NETWORK), ResourceId.parse(SPOKE)
BASTION = place_of(HUB_ID, "AzureBastionSubnet", "10.0.0.0/26")
MACHINE = place_of(SPOKE_ID, "web", "10.1.0.4")
OF_SUBNETS: Document = {"peerCompleteVnets": False}
THERE: Document = {**OF_SUBNETS, "localSubnetNames": ["AzureBastionSubnet"], "remoteSubnetNames": ["web"]}
BACK: Document = {**OF_SUBNETS, "localSubnetNames": ["WEB"], "remoteSubnetNames": ["azurebastionsubnet"]}


def space(*prefixes: str) -> Document:
    return {"remoteAddressSpace": {"addressPrefixes": list(prefixes)}}


def a_view(there: Any = None, back: Any = None, **read: Any) -> Snapshot:
    """Hub and spoke with a peering each; a list of peerings in its place, or what was read of the network."""
    hub = a_network(bastion_subnet(), peerings=_peerings(SPOKE, there))
    web = a_subnet(f"{SPOKE}/subnets/web", "10.1.0.0/24")
    data = a_subnet(f"{SPOKE}/subnets/data", "10.1.1.0/24")
    spoke = a_network(web, data, identity=SPOKE, peerings=_peerings(NETWORK, back), space="10.1.0.0/16")
    documents = {"hub": Resource.of(hub), "spoke": Resource.of(spoke), **read}
    return Snapshot(
        Resource.of({"id": f"{NETWORK}-subject"}),
        {HUB_ID.key: documents["hub"], SPOKE_ID.key: documents["spoke"]},
    )


def _peerings(to: str, what: Any) -> tuple[Document, ...]:
    if isinstance(what, tuple):
        return what
    return (a_peering(to, name=f"to-{to.rpartition('/')[2]}", **(what or {})),)


def asked(
    there: Any = None, back: Any = None, target: Place = MACHINE, family: Family = "ipv4", **read: Any
) -> Carried:
    """The answer, which is the same in both directions."""
    view = a_view(there, back, **read)
    forth = carries(BASTION, target, family, view)
    assert forth.verdict == carries(target, BASTION, family, view).verdict
    return forth


def test_a_peering_of_whole_networks_carries_everything() -> None:
    assert asked().verdict == "yes"
    assert asked(family="ipv6").verdict == "yes"


def test_within_a_network_nothing_has_to_be_read() -> None:
    assert (
        carries(BASTION, place_of(HUB_ID, "apps"), "ipv4", Snapshot(Resource.of({"id": NETWORK}))).verdict
        == "yes"
    )


@pytest.mark.parametrize("state", ["Initiated", "Disconnected", "Half"])
def test_a_side_that_is_not_connected_carries_nothing(state: str) -> None:
    broken = (a_peering(SPOKE, state, name="to-spoke"),)
    assert asked(broken) == Carried("no", f"peering to-spoke is {state}")


def test_both_sides_without_a_state_are_a_template_that_will_be_connected() -> None:
    declared = {"peeringState": None}
    assert asked(declared, declared).verdict == "yes"


def test_one_side_alone_carries_nothing_where_both_networks_were_read() -> None:
    assert asked(back=()) == Carried("no", "hub and spoke are peered from one side only")
    assert asked((), ()) == Carried("no", "hub and spoke are not peered")


def test_a_network_that_lists_no_peerings_at_all_leaves_the_word_to_the_other() -> None:
    bare = a_network(identity=SPOKE)
    del bare["properties"]["virtualNetworkPeerings"]
    silent = Resource.of(bare)

    assert asked(spoke=silent).verdict == "yes"
    assert asked({"allowVirtualNetworkAccess": False}, spoke=silent).verdict == "no"
    assert asked({"peeringState": None}, spoke=silent).verdict == "unknown"
    assert asked((), spoke=silent).verdict == "no"
    assert asked(hub=silent, spoke=silent).verdict == "unknown"


def test_access_that_is_off_on_either_side_stops_everything_and_is_disputed() -> None:
    off = {"allowVirtualNetworkAccess": False}
    for answer in (asked(off), asked(None, off), asked(off, off)):
        assert (answer.verdict, answer.disputed) == ("no", True)
        assert "allowVirtualNetworkAccess" in answer.reason


@pytest.mark.parametrize("flag", ["allowVirtualNetworkAccess", "peerCompleteVnets", "enableOnlyIPv6Peering"])
def test_a_switch_that_is_neither_on_nor_off_is_unknown(flag: str) -> None:
    assert asked({flag: "maybe"}).verdict == "unknown"


def test_a_peering_of_ipv6_alone_carries_no_ipv4() -> None:
    only: Document = {**THERE, "enableOnlyIPv6Peering": True}
    back: Document = {**BACK, "enableOnlyIPv6Peering": True}
    assert asked(only, back).verdict == "no"
    assert asked(only, back, family="ipv6").verdict == "yes"


def test_of_peered_subnets_both_have_to_take_part() -> None:
    assert asked(THERE, BACK).verdict == "yes"
    assert asked(THERE, BACK, place_of(SPOKE_ID, "data", "10.1.1.4")).verdict == "no"
    assert asked({**THERE, "localSubnetNames": ["shared"]}, BACK).verdict == "no"
    assert asked(THERE, {**BACK, "remoteSubnetNames": ["shared"]}).verdict == "no"
    assert asked({**THERE, "remoteSubnetNames": []}, BACK).verdict == "no"


def test_names_beside_whole_networks_say_nothing() -> None:
    assert asked({**THERE, "peerCompleteVnets": True, "localSubnetNames": ["shared"]}).verdict == "yes"


def test_peered_subnets_that_are_not_named_are_unknown_and_so_is_a_machine_in_no_known_subnet() -> None:
    assert asked(OF_SUBNETS, OF_SUBNETS).verdict == "unknown"
    assert asked(THERE, BACK, Place(SPOKE_ID)).verdict == "unknown"
    assert asked(OF_SUBNETS, {**BACK, "localSubnetNames": ["data"]}).verdict == "no"


@pytest.mark.parametrize("level", ["LocalNotInSync", "RemoteNotInSync", "LocalAndRemoteNotInSync", None])
def test_a_range_that_the_peering_does_not_know_is_not_reached(level: str | None) -> None:
    late = {**space("10.5.0.0/16"), "peeringSyncLevel": level}
    assert asked(late).verdict == "no"
    assert asked({**late, **space("10.5.0.0/16", "10.1.0.0/16")}).verdict == "yes"


def test_a_range_of_the_bastion_that_the_way_back_does_not_know_is_not_reached() -> None:
    assert asked(None, {**space("10.9.0.0/16"), "peeringSyncLevel": "LocalNotInSync"}).verdict == "no"


def test_what_is_said_two_ways_or_in_part_is_unknown() -> None:
    assert asked({**space("10.5.0.0/16"), "peeringSyncLevel": "FullyInSync"}).verdict == "unknown"
    assert asked({"peeringSyncLevel": "LocalNotInSync"}).verdict == "unknown"
    half = place_of(SPOKE_ID, "web", "10.1.0.0/24")
    assert asked(space("10.1.0.0/25"), target=half).verdict == "unknown"


def test_an_unread_side_is_unknown_unless_the_other_says_no() -> None:
    unread = Unread("not permitted to read spoke")
    assert asked(spoke=unread) == Carried("unknown", "not permitted to read spoke")
    assert asked((a_peering(SPOKE, "Disconnected"),), spoke=unread).verdict == "no"
    assert asked((), spoke=unread).verdict == "no"
    assert asked(spoke=None).verdict == "no"
    assert asked(spoke=Resource.of({"id": SPOKE})).verdict == "unknown"


def test_of_several_peerings_one_that_carries_is_enough() -> None:
    two = (a_peering(SPOKE, "Disconnected"), a_peering(SPOKE))
    assert asked(two).verdict == "yes"


def test_many_questions_about_one_view_are_answered_alike() -> None:
    joints = Joints(a_view(THERE, BACK))
    answers = [joints.carries(BASTION, place_of(SPOKE_ID, name), "ipv4").verdict for name in ("web", "data")]
    assert answers == ["yes", "no"]


# Members of VirtualNetwork -----------------------------------------------------------------------


def members(there: Any = None, back: Any = None, subnet: str | None = "web", **read: Any) -> set[str]:
    """What VirtualNetwork holds for the spoke."""
    view = a_view(there, back, **read)
    spoke = view.get(SPOKE_ID)
    assert isinstance(spoke, Resource)
    return set(member_prefixes(spoke, view, subnet))


HUB_SPACE = space("10.0.0.0/16")
OWN = {"10.1.0.0/16"}


def test_virtual_network_holds_the_peers_that_carry_anything() -> None:
    assert members(back=HUB_SPACE) == OWN | {"10.0.0.0/16"}
    assert members(back=HUB_SPACE, hub=Unread("refused")) == OWN | {"10.0.0.0/16"}


def test_virtual_network_leaves_out_a_peer_whose_access_is_off_on_either_side() -> None:
    off = {"allowVirtualNetworkAccess": False}
    assert members(off, HUB_SPACE) == members(None, {**HUB_SPACE, **off}) == OWN


def test_virtual_network_leaves_out_a_peer_that_is_not_connected_on_either_side() -> None:
    assert members((a_peering(SPOKE, "Disconnected"),), HUB_SPACE) == OWN
    assert members((), HUB_SPACE) == OWN
    assert members(None, (a_peering(NETWORK, "Disconnected", **HUB_SPACE),)) == OWN


def test_of_peered_subnets_virtual_network_holds_those_that_take_part() -> None:
    assert members(THERE, {**BACK, **HUB_SPACE}) == OWN | {"10.0.0.0/26"}
    assert members(THERE, {**BACK, **HUB_SPACE}, "data") == OWN
    assert members(THERE, {**BACK, **HUB_SPACE}, None) == OWN


def test_a_peer_that_lists_no_peerings_at_all_is_taken_at_the_networks_own_word() -> None:
    bare = a_network(bastion_subnet())
    del bare["properties"]["virtualNetworkPeerings"]
    assert members(back=HUB_SPACE, hub=Resource.of(bare)) == OWN | {"10.0.0.0/16"}


def test_a_peer_in_ipv6_alone_adds_no_ipv4() -> None:
    both = space("10.0.0.0/16", "fd00::/48")
    assert members(None, {**both, "enableOnlyIPv6Peering": True}) == OWN | {"fd00::/48"}


def test_an_address_is_looked_for_in_its_own_family_alone() -> None:
    sixth = Place(SPOKE_ID, "web", ranges_of("fd01::4", "10.1.0.4"))
    late = {**space("10.1.0.0/16"), "peeringSyncLevel": "LocalNotInSync"}
    assert asked(late, target=sixth).verdict == "yes"
    assert asked(late, target=sixth, family="ipv6").verdict == "no"
