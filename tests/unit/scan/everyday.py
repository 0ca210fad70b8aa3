"""A landing zone of every day with most of what landing zones have, and the same with most faults."""

from tests.builders import Document
from tests.unit.scan.landing_zone import (
    BASTION_ADDRESS,
    HUB,
    LOGS,
    Spoke,
    Told,
    Zone,
    a_bastion,
    a_machine,
    a_nic,
    a_subnet,
    a_zone_link,
    an_address,
    an_nsg,
    let_in,
    named,
    network_id,
)


def with_gateways(zone: Zone) -> None:
    """A VPN gateway, a firewall and a route server in the hub, each with its own subnet."""
    gateway = network_id("virtualNetworkGateways", "gw", "rg-hub")
    firewall = network_id("azureFirewalls", "fw", "rg-hub")
    outside = {"gw": f"{gateway}/ipConfigurations/c", "fw": f"{firewall}/azureFirewallIpConfigurations/c"}
    for name, configuration in outside.items():
        zone.add(an_address(network_id("publicIPAddresses", f"pip-{name}", "rg-hub"), configuration))
    zone[HUB]["subnets"] += [
        a_subnet(f"{HUB}/subnets/GatewaySubnet", "10.0.2.0/27", None, outside["gw"]),
        a_subnet(f"{HUB}/subnets/AzureFirewallSubnet", "10.0.3.0/26", None, outside["fw"]),
        a_subnet(f"{HUB}/subnets/AzureFirewallManagementSubnet", "10.0.4.0/26"),
        a_subnet(f"{HUB}/subnets/routeserversubnet", "10.0.5.0/27"),
    ]
    zone.add(named(gateway, "virtualNetworkGateways", {"gatewayType": "Vpn"}))


def with_services(zone: Zone, spoke: Spoke) -> None:
    """Beside the machine: a NAT gateway, a private endpoint, an application gateway and a database."""
    nat, gateway = network_id("natGateways", "nat"), network_id("applicationGateways", "agw")
    zone.add(an_address(network_id("publicIPAddresses", "pip-nat"), None, natGateway={"id": nat}))
    zone.subnet(spoke.network)["natGateway"] = {"id": nat}
    endpoint = network_id("networkInterfaces", "pe.nic")
    inside = {
        "endpoints": (f"{endpoint}/ipConfigurations/first", []),
        "gateway": (f"{gateway}/gatewayIPConfigurations/c", [let_in(destinationPortRange="443")]),
    }
    for number, (name, (member, rules)) in enumerate(inside.items(), 5):
        identity, nsg = f"{spoke.network}/subnets/{name}", network_id("networkSecurityGroups", name)
        zone[spoke.network]["subnets"].append(a_subnet(identity, f"10.1.{number}.0/24", nsg, member))
        zone.add(an_nsg(nsg, rules, identity))
    zone.add(a_nic(endpoint, f"{spoke.network}/subnets/endpoints", "10.1.5.4"))
    taken = [{"name": "d", "properties": {"serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}}]
    database = a_subnet(f"{spoke.network}/subnets/database", "10.1.7.0/24", delegations=taken)
    zone[spoke.network]["subnets"].append(database)


def with_balancers(zone: Zone, spoke: Spoke) -> None:
    """SSH through a private frontend, HTTPS through a public one."""
    address = network_id("publicIPAddresses", "pip-lb")
    frontends = {"private": {"subnet": {"id": spoke.subnet}}, "public": {"publicIPAddress": {"id": address}}}
    for (name, frontend), port in zip(frontends.items(), (22, 443), strict=True):
        zone.add(a_balancer(f"lb-{name}", frontend, port))
    balancer = network_id("loadBalancers", "lb-public")
    zone.add(an_address(address, f"{balancer}/frontendIPConfigurations/front"))


def a_balancer(name: str, frontend: Document, backend_port: int) -> Document:
    identity = network_id("loadBalancers", name)
    front = {
        "name": "front",
        "id": f"{identity}/frontendIPConfigurations/front",
        "properties": frontend,
    }
    forward = {
        "frontendIPConfiguration": {"id": front["id"]},
        "frontendPort": 50001,
        "backendPort": backend_port,
        "protocol": "Tcp",
    }
    rules = [{"name": "forward", "properties": forward}]
    return named(identity, "loadBalancers", {"frontendIPConfigurations": [front], "inboundNatRules": rules})


def a_route_table(name: str, prefix: str) -> Document:
    routes = [{"name": "r", "properties": {"addressPrefix": prefix, "nextHopType": "VirtualAppliance"}}]
    return named(network_id("routeTables", name), "routeTables", {"routes": routes})


def everyday() -> tuple[Zone, Spoke, Spoke]:
    """A compliant landing zone with most of what landing zones have; spoke b routes through a firewall."""
    zone = Zone()
    a, b = zone.spoke("a", 1), zone.spoke("b", 2, windows=True)
    with_gateways(zone)
    with_services(zone, a)
    with_balancers(zone, a)
    zone.add(a_route_table("all", "0.0.0.0/0"), a_zone_link("privatelink.blob.core.windows.net", HUB))
    zone.subnet(b.network)["routeTable"] = {"id": network_id("routeTables", "all")}
    return zone, a, b


def broken() -> Zone:
    """The same with one fault of most kinds."""
    zone, a, b = everyday()
    zone.take_away(LOGS)
    zone.add(a_bastion("Basic", enableTunneling=True, enableKerberos=True))
    zone.document(BASTION_ADDRESS)["sku"] = {"name": "Basic"}
    subnet = zone.subnet(HUB)
    subnet |= {"addressPrefix": "10.0.1.0/28", "routeTable": {"id": network_id("routeTables", "one")}}
    subnet["ipConfigurations"].append({"id": f"{a.nic}/ipConfigurations/second"})
    gateway = network_id("virtualNetworkGateways", "gw", "rg-hub")
    zone[gateway]["gatewayDefaultSite"] = {"id": network_id("localNetworkGateways", "office", "rg-hub")}
    zone.add(a_route_table("one", "10.66.0.0/16"), a_zone_link("vault.azure.net", HUB))
    zone.add(a_route_table("astray", "10.0.0.0/16"))
    zone.subnet(a.network)["routeTable"] = {"id": network_id("routeTables", "astray")}
    for network, position in ((HUB, 1), (b.network, 0)):
        zone[network]["virtualNetworkPeerings"][position]["properties"]["peeringState"] = "Disconnected"
    zone.add(a_machine(b.machine, b.nic, password=True))
    zone[network_id("loadBalancers", "lb-public")]["inboundNatRules"][0]["properties"]["backendPort"] = 22
    del zone.subnet(a.network, 1)["networkSecurityGroup"]
    zone[network_id("networkSecurityGroups", "endpoints")]["subnets"] = []
    return zone


FAULTS: set[Told] = {
    ("bastion-diagnostics", "bas", "medium", "fix"),
    ("bastion-sku-tier", "bas", "medium", "propose"),
    ("bastion-sku-feature-mismatch", "bas", "low", "alert"),
    ("bastion-public-ip", "bas", "high", "alert"),
    ("bastion-kerberos-dns", "bas", "medium", "alert"),
    ("bastion-forced-tunnel", "bas", "high", "alert"),
    ("bastion-private-dns-conflict", "bas", "high", "alert"),
    ("bastion-peering-disconnected", "bas", "medium", "alert"),
    ("bastion-subnet-size", "AzureBastionSubnet", "medium", "alert"),
    ("bastion-subnet-route-table", "AzureBastionSubnet", "high", "alert"),
    ("bastion-subnet-foreign-resources", "AzureBastionSubnet", "medium", "alert"),
    ("bastion-coverage-gap", "vnet-b", "info", "alert"),
    ("lb-nat-mgmt-port", "lb-public", "high", "alert"),
    ("subnet-without-nsg", "endpoints", "medium", "alert"),
    ("vm-linux-password-auth", "vm-b", "info", "alert"),
    ("vm-route-breaks-bastion", "astray", "low", "alert"),
}
