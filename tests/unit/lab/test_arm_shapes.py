"""Every answer fits the SDK's models and has the members recorded traffic has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.core.rest import HttpRequest

from lab.arm.facts.documented import DOCUMENTED
from tests.unit.lab.plain_client import GROUP, NETWORK, WHERE, Plain, a_bastion, a_lab, a_rule, hub, named
from tests.unit.lab.sdk_client import misfits, models, network_client

if TYPE_CHECKING:
    from collections.abc import Iterator

# The members of each type as recorded: those always there, at the top and under properties.
TOP = {"name", "id", "etag", "type", "properties"}
MEMBERS: dict[str, tuple[set[str], set[str]]] = {
    "NetworkSecurityGroup": (
        TOP | {"location"},
        {"provisioningState", "resourceGuid", "securityRules", "defaultSecurityRules"},
    ),
    "SecurityRule": (
        TOP,
        {
            "provisioningState", "protocol", "access", "priority", "direction", "sourcePortRanges",
            "destinationPortRanges", "sourceAddressPrefixes", "destinationAddressPrefixes",
        },
    ),
    "BastionHost": (
        TOP | {"location", "sku"},
        {"provisioningState", "dnsName", "scaleUnits", "ipConfigurations"},
    ),
    "PublicIPAddress": (
        TOP | {"location", "sku"},
        {
            "provisioningState", "resourceGuid", "ipAddress", "publicIPAddressVersion",
            "publicIPAllocationMethod", "idleTimeoutInMinutes", "ipTags", "ddosSettings",
        },
    ),
    "NetworkInterface": (
        TOP | {"location", "kind"},
        {
            "provisioningState", "resourceGuid", "ipConfigurations", "dnsSettings",
            "enableAcceleratedNetworking", "vnetEncryptionSupported", "enableIPForwarding",
            "disableTcpStateTracking", "hostedWorkloads",
            "tapConfigurations", "nicType", "allowPort25Out", "auxiliaryMode", "auxiliarySku",
        },
    ),
    "VirtualNetwork": (
        TOP | {"location"},
        {
            "provisioningState", "resourceGuid", "addressSpace", "privateEndpointVNetPolicies", "subnets",
            "virtualNetworkPeerings", "enableDdosProtection",
        },
    ),
    "Subnet": (
        TOP,
        {
            "provisioningState", "addressPrefix", "delegations", "privateEndpointNetworkPolicies",
            "privateLinkServiceNetworkPolicies",
        },
    ),
    "VirtualNetworkPeering": (
        TOP,
        {
            "provisioningState", "resourceGuid", "peeringState", "peeringSyncLevel", "remoteVirtualNetwork",
            "allowVirtualNetworkAccess", "allowForwardedTraffic", "allowGatewayTransit", "useRemoteGateways",
            "doNotVerifyRemoteGateways", "peerCompleteVnets", "remoteAddressSpace",
            "remoteVirtualNetworkAddressSpace", "routeServiceVips",
        },
    ),
    "LoadBalancer": (
        TOP | {"location", "sku"},
        {
            "provisioningState", "resourceGuid", "frontendIPConfigurations", "backendAddressPools",
            "loadBalancingRules", "probes", "inboundNatRules", "outboundRules", "inboundNatPools",
        },
    ),
    "NatGateway": (
        TOP | {"location", "sku"},
        {"provisioningState", "resourceGuid", "idleTimeoutInMinutes", "publicIpAddresses"},
    ),
}  # fmt: skip
# Members recorded traffic has and the SDK's models do not name (they survive a round trip all the same).
BEYOND_THE_MODELS = frozenset(
    {"allowPort25Out", "kind", "routeServiceVips", "tier", "publicUri", "enableDestinationServiceEndpoint",
     "allowBackendPortConflict"}
)  # fmt: skip

BALANCER = f"{NETWORK}/loadBalancers/web"
GATEWAY = f"{NETWORK}/natGateways/out"
PEERING = f"{NETWORK}/virtualNetworks/hub/virtualNetworkPeerings/spoke"


def an_estate(azure: Plain) -> dict[str, str]:
    """One of everything, associated the way people do it."""
    ids = hub(azure)
    spoke = f"{NETWORK}/virtualNetworks/spoke"
    azure.made(spoke, WHERE | {"properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}})
    azure.made(PEERING, {"properties": {"remoteVirtualNetwork": {"id": spoke}}})
    for name in ("front", "out"):
        azure.made(f"{NETWORK}/publicIPAddresses/{name}", WHERE | {"sku": {"name": "Standard"}})
    azure.made(
        GATEWAY, WHERE | {"properties": {"publicIpAddresses": [{"id": f"{NETWORK}/publicIPAddresses/out"}]}}
    )
    azure.made(BALANCER, a_balancer())
    azure.made(f"{ids['nsg']}/securityRules/extra", a_rule(300, sourceAddressPrefixes=["20.1.2.0/24"]))
    return ids


def a_balancer() -> dict[str, Any]:
    frontend = {"id": f"{BALANCER}/frontendIPConfigurations/f"}
    address = {"publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/front"}}
    nat = {"frontendIPConfiguration": frontend, "frontendPort": 2222, "backendPort": 22, "protocol": "Tcp"}
    pool = {"id": f"{BALANCER}/backendAddressPools/p"}
    flow = {
        "frontendIPConfiguration": frontend,
        "frontendPort": 80,
        "backendPort": 80,
        "backendAddressPool": pool,
    }
    return WHERE | {
        "sku": {"name": "Standard"},
        "properties": {
            "frontendIPConfigurations": [named("f", {"properties": address})],
            "backendAddressPools": [named("p", {})],
            "inboundNatRules": [named("ssh", {"properties": nat})],
            "loadBalancingRules": [named("web", {"properties": flow})],
            "probes": [named("up", {"properties": {"protocol": "Tcp", "port": 80}})],
        },
    }


PATHS = {
    "NetworkSecurityGroup": f"{NETWORK}/networkSecurityGroups/nsg-bastion",
    "SecurityRule": f"{NETWORK}/networkSecurityGroups/nsg-bastion/securityRules/extra",
    "BastionHost": f"{NETWORK}/bastionHosts/bas-hub",
    "PublicIPAddress": f"{NETWORK}/publicIPAddresses/pip-bastion",
    "NetworkInterface": f"{NETWORK}/networkInterfaces/nic-web",
    "VirtualNetwork": f"{NETWORK}/virtualNetworks/hub",
    "Subnet": f"{NETWORK}/virtualNetworks/hub/subnets/web",
    "VirtualNetworkPeering": PEERING,
    "LoadBalancer": BALANCER,
    "NatGateway": GATEWAY,
}


@pytest.fixture(scope="module")
def azure() -> Iterator[Plain]:
    with a_lab() as (client, _):
        an_estate(client)
        yield client


@pytest.mark.parametrize("kind", MEMBERS)
def test_an_answer_has_the_recorded_members_of_its_type(kind: str, azure: Plain) -> None:
    doc = azure.get(PATHS[kind]).body
    top, properties = MEMBERS[kind]
    assert top <= set(doc)
    assert properties <= set(doc["properties"])


@pytest.mark.parametrize("kind", MEMBERS)
def test_an_answer_fits_the_sdks_model_of_its_type(kind: str, azure: Plain) -> None:
    model = getattr(models, kind)(azure.get(PATHS[kind]).body)
    known = [f".{name}: unknown to the model" for name in BEYOND_THE_MODELS]
    odd = [each for each in misfits(model) if not each.endswith(tuple(known))]
    assert odd == []


def test_a_model_and_an_answer_that_do_not_fit_are_told_apart() -> None:
    """The check above can fail."""
    wrong = {"properties": {"securityRules": {"a": 1}, "resourceGuid": 7}, "unheardOf": 1}
    found = " ".join(misfits(models.NetworkSecurityGroup(wrong)))
    assert ".unheardOf: unknown to the model" in found
    assert "securityRules" in found


def test_a_list_item_is_the_resource_as_get_shows_it(azure: Plain) -> None:
    for kind in ("NetworkSecurityGroup", "BastionHost", "VirtualNetwork", "LoadBalancer"):
        path = PATHS[kind]
        listed = azure.get(path.rpartition("/")[0]).body["value"]
        assert azure.get(path).body in listed


def code_of(problem: HttpResponseError) -> str:
    """ARM's own code: the SDK's status says 200 for an operation that failed."""
    return str(problem.error.code) if problem.error else ""


def test_the_sdk_creates_waits_reads_patches_and_deletes() -> None:
    with a_lab() as (azure, _), network_client(azure.url) as client:
        groups = client.network_security_groups
        made = groups.begin_create_or_update("rg-hub", "web", {"location": "westeurope"}).result()
        assert (made.name, made.provisioning_state) == ("web", "Succeeded")
        rule = client.security_rules.begin_create_or_update("rg-hub", "web", "https", a_rule()).result()
        assert rule.priority == 100
        assert groups.update_tags("rg-hub", "web", {"tags": {"a": "b"}}).tags == {"a": "b"}
        assert [each.name for each in groups.list_all()] == ["web"]
        groups.begin_delete("rg-hub", "web").result()
        with pytest.raises(ResourceNotFoundError):
            groups.get("rg-hub", "web")


def test_the_sdk_waits_for_a_bastion_and_learns_why_a_downgrade_failed() -> None:
    with a_lab() as (azure, _), network_client(azure.url) as client:
        ids = hub(azure)
        hosts = client.bastion_hosts
        updated = hosts.begin_create_or_update(
            "rg-hub", "bas-hub", a_bastion(ids, enableTunneling=True)
        ).result()
        assert (updated.enable_tunneling, updated.sku.name) == (True, "Standard")
        with pytest.raises(HttpResponseError) as failure:
            hosts.begin_create_or_update("rg-hub", "bas-hub", a_bastion(ids, "Basic")).result()
        assert code_of(failure.value) == "BastionUpdateNotSupported"
        assert hosts.begin_update("rg-hub", "bas-hub", {"tags": {"a": "b"}}).result().tags == {"a": "b"}


def test_the_sdk_follows_pages_and_sees_conflicts() -> None:
    with a_lab(page_size=1) as (azure, _), network_client(azure.url) as client:
        for number in range(3):
            azure.made(f"{NETWORK}/networkSecurityGroups/n{number}", WHERE)
        assert [each.name for each in client.network_security_groups.list("rg-hub")] == ["n0", "n1", "n2"]
        lock = f"{GROUP}/providers/Microsoft.Authorization/locks/stop"
        azure.put(lock, {"properties": {"level": "ReadOnly"}})
        with pytest.raises(ResourceExistsError) as refused:
            client.network_security_groups.begin_delete("rg-hub", "n0")
        assert code_of(refused.value) == "ScopeLocked"


def test_diagnostic_settings_go_through_the_network_clients_pipeline() -> None:
    with a_lab() as (azure, _), network_client(azure.url) as client:
        ids = hub(azure)
        setting = f"{ids['bastion']}/providers/Microsoft.Insights/diagnosticSettings/central"
        path = f"{setting}?api-version=2021-05-01-preview"
        body = {"properties": {"workspaceId": "/w", "logs": [{"categoryGroup": "allLogs", "enabled": True}]}}
        response = client.send_request(HttpRequest("PUT", path, json=body))
        response.raise_for_status()
        assert response.json()["properties"]["workspaceId"] == "/w"


def test_unknown_members_survive_a_get_and_a_put_through_the_sdk() -> None:
    with a_lab() as (azure, _), network_client(azure.url) as client:
        ids = hub(azure)
        odd = {
            "properties": {"addressPrefix": "10.0.1.0/24", "sharingScope": "Tenant", "unheardOf": {"a": 1}}
        }
        azure.made(ids["web subnet"], odd)
        subnet = client.subnets.get("rg-hub", "hub", "web")
        client.subnets.begin_create_or_update("rg-hub", "hub", "web", subnet).result()
        assert azure.get(ids["web subnet"]).body["properties"]["unheardOf"] == {"a": 1}


@pytest.mark.parametrize("kind", sorted(DOCUMENTED))
def test_a_type_nobody_recorded_carries_its_documented_members(kind: str, azure: Plain) -> None:
    """[?] Unconfirmed members, but there: a rule that reads one finds it where the documentation has it."""
    provider, *names = kind.split("/")
    path = f"{NETWORK.partition('/providers/')[0]}/providers/{provider}"
    for name in names:
        path += f"/{name}/one"
        azure.put(path, {"location": "westeurope", "properties": {}})

    assert DOCUMENTED[kind].keys() <= azure.get(path).body["properties"].keys()


def test_a_letter_that_only_looks_like_another_names_nothing() -> None:
    """The lab ignores the case of ASCII alone: it finds nothing that ARM may not."""
    with a_lab() as (client, _):
        client.made(f"{NETWORK}/networkSecurityGroups/desk", WHERE)

        assert client.get(f"{NETWORK}/NETWORKSECURITYGROUPS/DESK").status == 200
        for letter in ("\u212a", "\uff4b"):
            assert client.get(f"{NETWORK}/networkSecurityGroups/des{letter}").status == 404
            assert client.get(f"{NETWORK.replace('k', letter)}/networkSecurityGroups/desk").status >= 400
