"""Every kind that is compared is compared while the app runs: told with both people and with what it does."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.findings import FindingRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message
from remediation.policy import Policy
from remediation.resource_id import ResourceId
from tests.story.core.world import World
from tests.story.declared.pipeline import DECLARED, PIPELINE, a_pipelines_baseline, is_heard, left
from tests.unit.ways.backwards import as_read
from tests.unit.ways.documents import (
    SUBSCRIPTION,
    Document,
    address,
    group,
    id_of,
    route_table,
    subnet_id,
)
from tests.unit.ways.examples import FRONT, PRIVATE, SSH, hub, one_machine, spoke
from tests.unit.ways.fronts import (
    balancer,
    collection,
    collection_group,
    dnat,
    firewall,
    nat_rule,
    policy,
    pool,
    pool_id,
)

OFFICE = "300 Allow Tcp 10.0.0.0/8>*:22"
WATCHED = SUBSCRIPTION.rpartition("/")[2]
BASE = [spoke(), group("g", SSH), group("guard", OFFICE), address("p", FRONT)]
NAT = nat_rule("lb", "ssh", "front", ((2200, 2210), 22), pool="pool")
BALANCED = [
    spoke(),
    *one_machine(pools=[pool_id("lb", "pool")]),
    address("p-lb", FRONT),
    group("g", SSH),
]
DNAT = collection("in", 100, "DNAT", dnat("in", ["*"], FRONT, ["2222"], (PRIVATE, 22)))
HUB = [
    *hub(),
    *one_machine(),
    group("g", SSH),
    address("p-fw", FRONT),
    policy("pol", "grp"),
    firewall("fw", subnet_id("hub", "AzureFirewallSubnet"), ["p-fw"], policy="pol"),
]
THROUGH = "this change lets the whole internet reach m on 22 through"


@dataclass(frozen=True)
class Kind:
    """What was deployed of a kind, what somebody makes of it, and what is told of that.

    `does` is how the first effect begins, `todo` the first command.
    """

    changed: str
    deployed: Sequence[Document]
    now: Sequence[Document]
    path: str
    effect: str
    severity: str
    does: str = ""
    todo: str = "az rest --method put"


def a_balancer(*rules: Document) -> Document:
    return balancer(
        "lb",
        "Standard",
        {"front": "p-lb"},
        {"backendAddressPools": [pool("lb", "pool")], "inboundNatRules": list(rules)},
    )


KINDS = {
    "an interface that lost its group": Kind(
        id_of("networkInterfaces", "n"),
        [*BASE, *one_machine(group="guard", public="p")],
        one_machine(public="p")[:1],
        "networkSecurityGroup",
        "opens",
        "critical",
        f"{THROUGH} p",
        f"az network nic update --ids {id_of('networkInterfaces', 'n')} --network-security-group "
        f"{id_of('networkSecurityGroups', 'guard')}",
    ),
    "an interface that got a public address": Kind(
        id_of("networkInterfaces", "n"),
        [*BASE, *one_machine()],
        one_machine(public="p")[:1],
        "ipConfigurations/c0/publicIPAddress",
        "opens",
        "critical",
        f"{THROUGH} p",
        "az network nic ip-config update --resource-group rg-estate --nic-name n --name c0 --remove "
        "publicIPAddress",
    ),
    "a subnet that lost its group": Kind(
        subnet_id("spoke", "apps"),
        [spoke(), group("g", OFFICE), address("p", FRONT), *one_machine(public="p")],
        [spoke(subnet={})],
        "networkSecurityGroup",
        "opens",
        "medium",
        todo="az network vnet subnet update",
    ),
    "a balancer that got a rule": Kind(
        id_of("loadBalancers", "lb"),
        [*BALANCED, a_balancer()],
        [a_balancer(NAT)],
        "inboundNatRules/ssh",
        "opens",
        "critical",
        f"{THROUGH} lb port 2200-2210",
    ),
    "a public address of another SKU": Kind(
        id_of("publicIPAddresses", "p"),
        [*BASE, *one_machine(public="p")],
        [address("p", FRONT, "Basic")],
        "sku/name",
        "none",
        "low",
    ),
    "a route table that got a route": Kind(
        id_of("routeTables", "rt"),
        [spoke(subnet={"group": "g", "routes": "rt"}), group("g", SSH), address("p", FRONT),
         *one_machine(public="p"), route_table("rt")],
        [route_table("rt", ("0.0.0.0/0", "None"))],
        "routes/r0",
        "unknown",
        "medium",
        "whether this change lets anybody reach m on 3389 through p is not known",
    ),
    "a group of rule collections that got one": Kind(
        id_of("firewallPolicies", "pol", "ruleCollectionGroups", "grp"),
        [*HUB, collection_group("pol", "grp", 200)],
        [collection_group("pol", "grp", 200, DNAT)],
        "ruleCollections/in",
        "opens",
        "critical",
        f"{THROUGH} fw port 2222",
    ),
    "a group of rules that was opened": Kind(
        id_of("networkSecurityGroups", "g"),
        [spoke(), group("g", OFFICE), address("p", FRONT), *one_machine(public="p")],
        [group("g", SSH)],
        "securityRules/r0/sourceAddressPrefix",
        "opens",
        "critical",
        f"{THROUGH} p",
        "az network nsg rule update",
    ),
}  # fmt: skip


def deployed(kind: Kind) -> World:
    """Rules of the guidance are off, so that nothing but the declaration says anything of it."""
    baseline = a_pipelines_baseline(mode="observe")
    cloud = MemoryCloud(*as_read(kind.deployed))
    world = World(cloud, baseline=baseline, policy=Policy(frozenset({WATCHED})))
    return left(world, ResourceId.parse(kind.changed))


def changed(world: World, kind: Kind) -> World:
    """What was deployed, as somebody has changed it."""
    now = {document["id"] for document in kind.now}
    rest = [document for document in kind.deployed if document["id"] not in now]
    world.cloud.seed(*as_read([*rest, *kind.now]))
    return world


def drifts(world: World) -> list[FindingRecord]:
    every = [record for one in FindingsBook(world.ledger).all() for record in one.records.values()]
    return [record for record in every if record.rule == DECLARED]


def told(world: World) -> FindingRecord:
    (found,) = drifts(world)
    return found


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_change_by_hand_is_told_with_both_people_its_effect_and_the_way_back(kind: Kind) -> None:
    world = changed(deployed(kind), kind)

    is_heard(world, ResourceId.parse(kind.changed))
    world.run()

    record = told(world)
    assert ("open", kind.severity) == (record.state, record.severity)
    assert "deployment 7d1f0000" == record.evidence["declaredBy"]
    assert PIPELINE == record.evidence["declaredPrincipal"]
    assert {"name": "alice@contoso.example", "client": "Azure portal"} == record.actor
    (difference,) = record.evidence["differences"]
    assert (kind.path, kind.effect) == (difference["path"], difference["effect"])
    assert next(iter(record.evidence.get("effects", [""]))).startswith(kind.does)
    assert record.commands[0].startswith(kind.todo)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_was_just_deployed_differs_in_nothing(kind: Kind) -> None:
    world = changed(deployed(kind), kind)

    left(world, ResourceId.parse(kind.changed), deployment="second")
    world.run()

    assert [] == drifts(world)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_no_event_tells_of_is_found_by_the_next_sweep(kind: Kind) -> None:
    world = changed(deployed(kind), kind)

    world.handle(Message(sweep=SUBSCRIPTION, reason="sweep"))
    world.run()

    record = told(world)
    assert ("open", kind.severity, {}) == (record.state, record.severity, record.actor)
