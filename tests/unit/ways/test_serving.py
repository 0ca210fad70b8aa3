"""Which Bastion hosts reach a machine, over what, and why there may be others."""

from typing import Any

import pytest

from remediation.adapters.memory.cloud import MemoryCloud
from remediation.errors import ForbiddenError
from remediation.model import Listing, Resource, Unread
from remediation.resource_id import ResourceId
from remediation.ways.lead import Target
from remediation.ways.serving import Bastions, serving
from tests.builders import WEB, Document
from tests.unit.rules.case import Refusing
from tests.unit.rules.estates_bastion import (
    HOST,
    MACHINE,
    NETWORK,
    NIC,
    SPOKE,
    a_connection,
    a_developer_host,
    a_host,
    a_network,
    a_nic,
    a_peering,
    a_subnet,
    a_wan_hub,
    bastion_subnet,
    the_hub,
)

TABLE = f"{WEB}/routeTables/rt"
OWN_HOST = f"{HOST}-own"


class Everything:
    """A view of all that a cloud shows."""

    def __init__(self, *documents: Document, hidden: tuple[str, ...] = ()) -> None:
        names = frozenset(name.lower() for name in hidden)
        self.cloud = Refusing(MemoryCloud(*documents), names)

    def get(self, resource: ResourceId) -> Resource | Unread | None:
        try:
            return self.cloud.get(resource)
        except ForbiddenError:
            return Unread(f"not permitted to read {resource.name}")

    def listed(self, kind: str, scope: ResourceId | str) -> Any:
        try:
            return self.cloud.list(Listing(kind, str(scope)))
        except ForbiddenError:
            return Unread(f"not permitted to list {kind}")


def a_target(**changes: Any) -> Target:
    nic = Resource.of(a_nic())
    known: dict[str, Any] = {
        "machine": ResourceId.parse(MACHINE),
        "nic": nic,
        "configuration": nic.properties("ipConfigurations")[0],
        "id": ResourceId.parse(f"{NIC}/ipConfigurations/ipconfig1"),
        "address": "10.1.0.4",
        "family": "ipv4",
        "subnet": ResourceId.parse(f"{SPOKE}/subnets/web"),
        "network": ResourceId.parse(SPOKE),
    }
    return Target(**{**known, **changes})


def a_spoke(*peerings: Document, own_host: bool = False, routed: bool = False) -> Document:
    more = {"routeTable": {"id": TABLE}} if routed else {}
    subnets = [a_subnet(f"{SPOKE}/subnets/web", "10.1.0.0/24", f"{NIC}/ipConfigurations/c", **more)]
    if own_host:
        inside = f"{SPOKE}/subnets/AzureBastionSubnet"
        subnets.append(a_subnet(inside, "10.1.1.0/26", f"{OWN_HOST}/bastionHostIpConfigurations/cfg"))
    return a_network(*subnets, identity=SPOKE, peerings=peerings, space="10.1.0.0/16")


def a_table(prefix: str, hop: str) -> Document:
    route = {"name": "r", "properties": {"addressPrefix": prefix, "nextHopType": hop}}
    return {"id": TABLE, "name": "rt", "properties": {"routes": [route]}}


PEERED = a_spoke(a_peering(NETWORK))
ROUTED = a_spoke(a_peering(NETWORK), routed=True)


def found(*documents: Document, hidden: tuple[str, ...] = (), **changes: Any) -> list[tuple[str, str, str]]:
    """The hosts, where nothing is left in doubt."""
    hosts, doubts = serving(a_target(**changes), Everything(*documents, hidden=hidden))
    assert doubts == ()
    return [(host.host.name, host.sku, host.over) for host in hosts]


def doubted(*documents: Document, hidden: tuple[str, ...] = (), **changes: Any) -> str:
    """What is in doubt, where no host is known to reach the machine."""
    hosts, doubts = serving(a_target(**changes), Everything(*documents, hidden=hidden))
    assert hosts == ()
    return "; ".join(doubts)


def test_the_nearest_host_comes_first() -> None:
    own = a_host("Basic", identity=OWN_HOST)
    spoke = a_spoke(a_peering(NETWORK), own_host=True)

    assert found(spoke, own, the_hub(), a_host()) == [
        ("bas-own", "Basic", "network"),
        ("bas", "Standard", "peering"),
    ]


def test_a_host_whose_document_is_not_there_has_no_sku() -> None:
    assert found(PEERED, the_hub()) == [("bas", "", "peering")]
    assert found(PEERED, the_hub(), a_host("Ultra")) == [("bas", "", "peering")]


def test_a_host_of_the_pool_serves_its_network_whatever_the_routes_are() -> None:
    pool = a_developer_host(network=SPOKE)

    assert found(a_spoke(routed=True), pool, a_table("10.0.0.0/8", "None")) == [
        ("bas", "Developer", "developer")
    ]


def test_a_host_with_ip_connection_reaches_what_its_virtual_wan_joins() -> None:
    joined = (a_wan_hub(), a_connection(SPOKE), a_connection(NETWORK))
    hub = a_network(bastion_subnet())

    assert found(a_spoke(), hub, *joined, a_host(enableIpConnect=True)) == [("bas", "Standard", "ip-connect")]
    assert found(a_spoke(), hub, *joined, a_host()) == []


def test_a_host_that_is_peered_is_not_told_twice() -> None:
    joined = (a_wan_hub(), a_connection(SPOKE), a_connection(NETWORK))

    assert found(PEERED, the_hub(), *joined, a_host(enableIpConnect=True)) == [("bas", "Standard", "peering")]


def test_nobody_reaches_a_machine_over_ipv6_or_in_no_known_network() -> None:
    assert found(PEERED, the_hub(), a_host(), family="ipv6", address="fd00::4") == []
    assert found(PEERED, the_hub(), a_host(), network=None) == []


@pytest.mark.parametrize(
    ("prefix", "hop"), [("10.0.0.0/8", "None"), ("0.0.0.0/0", "VirtualAppliance"), ("10.9.0.0/16", "None")]
)
def test_routes_that_leave_the_peerings_own_in_force_change_nothing(prefix: str, hop: str) -> None:
    assert found(ROUTED, the_hub(), a_host(), a_table(prefix, hop)) == [("bas", "Standard", "peering")]


def test_a_host_whose_answers_are_dropped_does_not_reach_the_machine() -> None:
    assert found(ROUTED, the_hub(), a_host(), a_table("10.0.0.0/16", "None")) == []


@pytest.mark.parametrize(
    ("prefix", "hop"),
    [
        ("10.0.0.0/16", "VirtualAppliance"),
        ("10.0.0.0/16", "VirtualNetworkGateway"),
        ("10.0.0.0/27", "None"),
    ],
)
def test_answers_that_take_another_way_or_get_lost_in_part_are_a_doubt(prefix: str, hop: str) -> None:
    assert "by route r" in doubted(ROUTED, the_hub(), a_host(), a_table(prefix, hop))


def test_what_was_not_read_is_a_doubt_with_its_name() -> None:
    around = (ROUTED, the_hub(), a_host(), a_table("10.0.0.0/16", "None"))

    assert "read hub" in doubted(*around, hidden=(NETWORK,))
    assert "read rt" in doubted(*around, hidden=(TABLE,))
    assert "read spoke" in doubted(*around, hidden=(SPOKE,))
    assert "hubvirtualnetworkconnections" in doubted(
        a_spoke(), hidden=("microsoft.network/virtualhubs/hubvirtualnetworkconnections",)
    )


def test_a_machine_whose_subnet_is_not_known_is_a_doubt() -> None:
    nowhere = ResourceId.parse(f"{SPOKE}/subnets/gone")

    assert "not known" in doubted(PEERED, the_hub(), a_host(), subnet=None)
    assert "not in the document" in doubted(PEERED, the_hub(), a_host(), subnet=nowhere)


def test_a_table_that_is_gone_routes_nothing() -> None:
    assert found(ROUTED, the_hub(), a_host()) == [("bas", "Standard", "peering")]


def test_many_targets_of_one_view_are_answered_alike() -> None:
    bastions = Bastions(Everything(ROUTED, the_hub(), a_host(), a_table("10.0.0.0/27", "None")))
    first = bastions.serving(a_target())

    assert bastions.serving(a_target(address="10.1.0.9")) == first == bastions.serving(a_target())
