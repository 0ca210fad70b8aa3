"""Laws of the lab's ARM that hold whatever is written, in whatever order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.arm import Arm, Clock, Settings, ids
from lab.arm.answering import handle
from lab.arm.calls import Answer, Call
from lab.arm.documents.references import declared, outgoing
from lab.arm.documents.store import INLINE
from lab.arm.documents.tree import nodes
from tests.unit.lab.plain_client import GROUP, NETWORK, WHERE, a_nic, a_rule, named

if TYPE_CHECKING:
    from lab.arm.documents.store import Store

import msgspec

NSGS = [f"{NETWORK}/networkSecurityGroups/n{number}" for number in range(2)]
VNET = f"{NETWORK}/virtualNetworks/v"
SUBNETS = [f"{VNET}/subnets/s{number}" for number in range(3)]
NICS = [f"{NETWORK}/networkInterfaces/c{number}" for number in range(2)]
ADDRESSES = [f"{NETWORK}/publicIPAddresses/p{number}" for number in range(2)]


class Azure:
    """The lab without a wire: a call in, an answer out, hundreds of times a second."""

    def __init__(self, **chosen: Any) -> None:
        self.arm = Arm(Clock(1_800_000_000.0, running=False), Settings(**chosen))
        self.put(GROUP, WHERE)
        prefix = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
        subnets = [
            named(ids.parse(each).name, {"properties": {"addressPrefix": f"10.0.{number}.0/24"}})
            for number, each in enumerate(SUBNETS)
        ]
        self.put(VNET, WHERE | {"properties": prefix | {"subnets": subnets}})
        self.rest()

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        url, _, query = path.partition("?")
        version = (
            dict(each.split("=") for each in query.split("&")) if query else {"api-version": "2026-03-01"}
        )
        sent = b"" if body is None else msgspec.json.encode(body)
        parsed = ids.parse(url)
        return handle(self.arm, Call(method, parsed, version, {}, "ada", "http://lab", url, sent))

    def put(self, path: str, body: Any) -> Answer:
        return self.send("PUT", path, body)

    def get(self, path: str) -> dict[str, Any]:
        body = self.send("GET", path).body
        value = msgspec.json.decode(body or b"{}")
        assert isinstance(value, dict)
        return value

    def rest(self) -> None:
        """Let every operation end."""
        self.arm.advance(10_000)


def associated(data: st.DataObject) -> tuple[str, dict[str, Any]]:
    """Some resource with some associations."""
    nsg = data.draw(st.sampled_from([*NSGS, None]))
    attached = {} if nsg is None else {"networkSecurityGroup": {"id": nsg}}
    at = data.draw(st.integers(0, len(SUBNETS) - 1))
    kind = data.draw(st.sampled_from(["nsg", "subnet", "nic", "address"]))
    if kind == "nsg":
        rules = [named("r", a_rule(data.draw(st.integers(100, 4096))))]
        return data.draw(st.sampled_from(NSGS)), WHERE | {"properties": {"securityRules": rules}}
    if kind == "subnet":
        return SUBNETS[at], {"properties": {"addressPrefix": f"10.0.{at}.0/24"} | attached}
    if kind == "nic":
        address = data.draw(st.sampled_from([*ADDRESSES, None]))
        body = a_nic(SUBNETS[at], **({} if address is None else {"publicIPAddress": {"id": address}}))
        return data.draw(st.sampled_from(NICS)), body | {"properties": body["properties"] | attached}
    return data.draw(st.sampled_from(ADDRESSES)), WHERE | {"sku": {"name": "Standard"}}


def shown_and_meant(store: Store) -> tuple[set[Any], set[Any]]:
    """All back references the lab shows, and all that forward references to what it holds call for."""
    kinds = ("networksecuritygroups", "virtualnetworks", "networkinterfaces", "publicipaddresses")
    records = [each for kind in kinds for each in store.of_kind(f"microsoft.network/{kind}")]
    held = {node["id"].lower() for each in records for node in nodes(each.doc)}
    shown = {
        (one.target.lower(), one.member, one.holder.lower())
        for each in records
        for one in declared(store.view(each))
    }
    meant = {
        (one.target.lower(), one.member, one.holder.lower()) for each in records for one in outgoing(each.doc)
    }
    return shown, {each for each in meant if each[0] in held}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_back_references_equal_forward_references_whatever_was_written(data: st.DataObject) -> None:
    azure = Azure()
    for _ in range(data.draw(st.integers(1, 12))):
        path, body = associated(data)
        if data.draw(st.integers(0, 4)):
            azure.put(path, body)
        else:
            azure.send("DELETE", path)
        azure.rest()
    shown, meant = shown_and_meant(azure.arm.store)
    singular = {each for each in meant if each[1] == "ipConfiguration"}
    assert shown <= meant
    assert meant - singular <= shown
    assert {each[:2] for each in singular} <= {
        each[:2] for each in shown
    }  # the last holder of an address shows


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_get_changes_nothing_and_etags_change_on_writes_only(data: st.DataObject) -> None:
    azure = Azure()
    path, body = associated(data)
    azure.put(path, body)
    azure.rest()
    first = azure.get(path)
    assert [azure.get(path) for _ in range(2)] == [first, first]
    azure.arm.advance(3600)
    assert azure.get(path) == first
    azure.put(path, body)
    azure.rest()
    assert azure.get(path)["etag"] != first["etag"]


@settings(max_examples=40, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1 << 30))
def test_look_up_is_without_case(data: st.DataObject, seed: int) -> None:
    azure, chance = Azure(), random.Random(seed)  # noqa: S311  casing, not secrets
    path, body = associated(data)
    azure.put(path, body)
    azure.rest()
    spelled = "".join(chance.choice((each.upper(), each.lower())) for each in path)
    assert azure.get(spelled) == azure.get(path)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_child_in_a_document_has_the_documents_etag(data: st.DataObject) -> None:
    azure = Azure()
    path, body = associated(data)
    azure.put(path, body)
    azure.rest()
    record = azure.arm.store.get(ids.root(path))
    assert record is not None
    assert set(etags(record.doc)) == {record.doc["etag"]}


def etags(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["etag"]] if "etag" in value else []
        return own + [each for item in value.values() for each in etags(item)]
    return [each for item in value for each in etags(item)] if isinstance(value, list) else []


@settings(max_examples=30, deadline=None)
@given(polls=st.integers(1, 12))
def test_an_operation_succeeds_at_its_last_poll_and_not_before(polls: int) -> None:
    azure = Azure(polls_all=polls)
    url = azure.put(NSGS[0], WHERE).headers["Azure-AsyncOperation"].removeprefix("http://lab")
    statuses = [azure.get(url)["status"] for _ in range(polls + 2)]
    assert statuses == ["InProgress"] * (polls - 1) + ["Succeeded"] * 3
    assert azure.get(NSGS[0])["properties"]["provisioningState"] == "Succeeded"


@settings(max_examples=30, deadline=None)
@given(writes=st.integers(2, 8), data=st.data())
def test_of_writes_on_one_nsg_without_a_pause_only_the_last_succeeds(
    writes: int, data: st.DataObject
) -> None:
    azure = Azure(polls_all=2)
    azure.put(NSGS[0], WHERE)
    azure.rest()
    urls = []
    for number in range(writes):
        whole = data.draw(st.booleans())
        rule = named(f"r{number}", a_rule(100 + number))
        path = NSGS[0] if whole else f"{NSGS[0]}/securityRules/r{number}"
        answer = azure.put(path, WHERE | {"properties": {"securityRules": [rule]}} if whole else rule)
        urls.append(answer.headers["Azure-AsyncOperation"].removeprefix("http://lab"))
    azure.rest()
    assert [azure.get(url)["status"] for url in urls] == ["Canceled"] * (writes - 1) + ["Succeeded"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 70_000)
    | st.sampled_from(["", "*", "Allow", "Inbound", "10.0.0.0/24", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "properties", "x"]), inner)
    ),
    max_leaves=6,
)
WRITTEN = {
    "networkSecurityGroups/n": "securityRules flushConnection",
    "networkSecurityGroups/n0/securityRules/r": "protocol access direction priority destinationPortRanges",
    "bastionHosts/b": "ipConfigurations scaleUnits virtualNetwork networkAcls",
    "publicIPAddresses/p": "dnsSettings publicIPAddressVersion ipTags ddosSettings publicIPPrefix",
    "networkInterfaces/c": "ipConfigurations dnsSettings networkSecurityGroup",
    "virtualNetworks/w": "addressSpace subnets virtualNetworkPeerings dhcpOptions",
    "virtualNetworks/v/subnets/s": "addressPrefix addressPrefixes serviceEndpoints delegations",
    "virtualNetworks/v/virtualNetworkPeerings/p": "remoteVirtualNetwork remoteSubnetNames peerCompleteVnets",
    "loadBalancers/l": "frontendIPConfigurations backendAddressPools inboundNatRules outboundRules",
    "natGateways/g": "publicIpAddresses idleTimeoutInMinutes",
    "routeTables/t": "routes",
    "networkSecurityGroups/n0/providers/Microsoft.Insights/diagnosticSettings/d": "logs metrics workspaceId",
    "networkSecurityGroups/n0/providers/Microsoft.Authorization/locks/l": "level notes",
    "networkSecurityGroups/n0/providers/Microsoft.Resources/tags/default": "tags",
}


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(sorted(WRITTEN)), data=st.data())
def test_no_body_whatever_gets_more_than_an_answer(path: str, data: st.DataObject) -> None:
    """What cannot be read is refused like anything else that is wrong; what was taken can be read back."""
    azure = Azure()
    azure.put(NSGS[0], WHERE)
    azure.rest()
    members = data.draw(st.dictionaries(st.sampled_from(WRITTEN[path].split()), JSON))
    target = f"{NETWORK}/{path}"
    answer = azure.put(target, WHERE | {"properties": members})
    azure.rest()
    assert answer.status in {200, 201} or 400 <= answer.status < 500
    if answer.status < 300:
        assert azure.send("GET", target).status == 200


def test_every_inline_child_is_found_under_its_own_path() -> None:
    azure = Azure()
    azure.put(NSGS[0], WHERE | {"properties": {"securityRules": [named("r", a_rule())]}})
    azure.rest()
    for path in (NSGS[0], VNET):
        for member, children in azure.get(path)["properties"].items():
            if f"{ids.node_type(path)}/{member.lower()}" in INLINE:
                for each in children:
                    assert azure.get(each["id"]) == each
