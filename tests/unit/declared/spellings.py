"""Resources of every kind that is compared, and any of them in another of ARM's spellings."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from remediation.declared.forms import PLURALS
from tests.builders import (
    HUB,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
    WEB,
    Document,
    a_bastion,
    a_nic,
    a_public_ip,
    a_rule,
    a_setting,
    a_subnet,
    an_nsg,
)

type Draw = Callable[[st.SearchStrategy[Any]], Any]

PREFIXES = ("*", "Internet", "VirtualNetwork", "10.0.0.0/8", "10.0.0.4", "203.0.113.0/24", "2001:db8::/48")
PORTS = ("*", "22", "443", "8080-8090")
# Members that ARM fills in, with what it fills in.
FILLED: Document = {
    "provisioningState": "Succeeded",
    "resourceGuid": "0d5b3a6e",
    "etag": 'W/"7"',
}
_CASELESS = frozenset({"protocol", "access", "direction", "nextHopType", "id", "privateIPAllocationMethod"})


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


def _side(name: str, values: tuple[str, ...], chosen: list[str]) -> Document:
    return (
        {f"{name}s" if name.endswith("Range") else f"{name}es": chosen}
        if len(chosen) > 1
        else {name: chosen[0]}
    )


@st.composite
def rules(draw: Draw, name: str) -> Document:
    return {
        "name": name,
        "properties": {
            "priority": draw(st.integers(100, 4096)),
            "direction": draw(st.sampled_from(("Inbound", "Outbound"))),
            "access": draw(st.sampled_from(("Allow", "Deny"))),
            "protocol": draw(st.sampled_from(("Tcp", "Udp", "*", "Icmp"))),
            "sourcePortRange": "*",
            **_side("destinationPortRange", PORTS, draw(some(PORTS))),
            **_side("sourceAddressPrefix", PREFIXES, draw(some(PREFIXES))),
            **_side("destinationAddressPrefix", PREFIXES, draw(some(PREFIXES))),
        },
    }


@st.composite
def groups(draw: Draw) -> Document:
    names = draw(st.lists(st.sampled_from(("web", "ssh", "rdp", "deny-all", "probes")), unique=True))
    return {**an_nsg(), "properties": {"securityRules": [draw(rules(name)) for name in names]}}


@st.composite
def balancers(draw: Draw) -> Document:
    identity = f"{WEB}/loadBalancers/lb"
    front = {"id": f"{identity}/frontendIPConfigurations/front"}
    nat = [
        {
            "name": name,
            "properties": {
                "frontendIPConfiguration": front, "protocol": "Tcp", "backendPort": 22,
                "frontendPort": draw(st.integers(50000, 50100)), "enableFloatingIP": draw(st.booleans()),
            },
        }
        for name in draw(st.lists(st.sampled_from(("one", "two", "three")), unique=True))
    ]  # fmt: skip
    fronts = [{"name": "front", "properties": {"publicIPAddress": {"id": PIP_ID.text}}}]
    properties = {
        "frontendIPConfigurations": fronts,
        "backendAddressPools": [{"name": "pool"}],
        "inboundNatRules": nat,
    }
    return {"id": identity, "name": "lb", "sku": {"name": "Standard"}, "properties": properties}


@st.composite
def tables(draw: Draw) -> Document:
    hops = st.sampled_from(("Internet", "None", "VnetLocal"))
    names = draw(st.lists(st.sampled_from(("out", "on-premises", "hub")), unique=True))
    routes = [
        {"name": name, "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": draw(hops)}}
        for name in names
    ]
    return {"id": f"{WEB}/routeTables/rt", "name": "rt", "properties": {"routes": routes}}


@st.composite
def collections(draw: Draw) -> Document:
    rule = {
        "name": "ssh",
        "ruleType": "NatRule",
        "ipProtocols": ["TCP"],
        "sourceAddresses": draw(some(PREFIXES)),
        "destinationAddresses": ["20.40.60.80"],
        "destinationPorts": ["50022"],
        "translatedAddress": "10.1.0.4",
        "translatedPort": "22",
    }
    held = {
        "name": "dnat",
        "priority": 100,
        "ruleCollectionType": "FirewallPolicyNatRuleCollection",
        "action": {"type": "DNAT"},
        "rules": [rule],
    }
    identity = f"{HUB}/firewallPolicies/fwp/ruleCollectionGroups/inbound"
    return {"id": identity, "name": "inbound", "properties": {"priority": 200, "ruleCollections": [held]}}


def resources() -> st.SearchStrategy[Document]:
    """One resource of any kind that is compared, as a template has it."""
    plain = (
        a_bastion(),
        a_setting(),
        a_public_ip(),
        a_subnet(),
        a_nic(public_ip=PIP_ID, nsg=NSG_ID),
        an_nsg(a_rule()),
        {"id": SUBNET_ID.text, "name": "web", "properties": {"routeTable": {"id": f"{WEB}/routeTables/rt"}}},
        {"id": NIC_ID.text, "name": "vm1-nic", "properties": {"networkSecurityGroup": {"id": NSG_ID.text}}},
    )
    return st.one_of(st.sampled_from(plain), groups(), balancers(), tables(), collections())


def pairs() -> st.SearchStrategy[tuple[Document, Document]]:
    """Two states of one resource."""
    made = (groups(), balancers(), tables(), collections())
    hosts = st.sampled_from((a_bastion(), a_bastion("Basic"), a_bastion(None)))
    nics = st.sampled_from((a_nic(), a_nic(public_ip=PIP_ID), a_nic(nsg=NSG_ID), a_nic(forwarding=True)))
    subnets = st.sampled_from((a_subnet(), a_subnet(nsg=None)))
    return st.one_of(*(st.tuples(one, one) for one in (*made, hosts, nics, subnets)))


@st.composite
def respelled(draw: Draw, document: Document) -> Document:
    """The same resource as ARM may give it back."""
    again: Document = _respelled(draw, document)
    return {**again, "etag": draw(st.sampled_from(("a", "b"))), "systemData": {"createdBy": "somebody"}}


def _respelled(draw: Draw, value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return _members(draw, value, key)
    if isinstance(value, list):
        return draw(st.permutations([_respelled(draw, one, key) for one in value]))
    if isinstance(value, str) and key in _CASELESS and draw(st.booleans()):
        return value.upper().replace("/SUBSCRIPTIONS", "/subscriptions")
    return value


def _members(draw: Draw, value: Document, key: str) -> Document:
    found: Document = {}
    for name, member in value.items():
        found[name] = _respelled(draw, member, name)
    for one, many in PLURALS.items():
        if isinstance(found.get(one), str) and many != "backendAddressPools" and draw(st.booleans()):
            found[many] = [found.pop(one)]
        elif isinstance(found.get(one), str):
            found.setdefault(many, [])
        elif isinstance(found.get(many), list) and draw(st.booleans()):
            found.setdefault(one, draw(st.sampled_from((None, ""))))
    if key == "properties":
        found |= {name: told for name, told in FILLED.items() if draw(st.booleans())}
    if draw(st.booleans()):
        found = {name: found[name] for name in draw(st.permutations(list(found)))}
    return found
