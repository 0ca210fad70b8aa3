"""Rule bastion-kerberos-dns."""

import ipaddress
from collections.abc import Iterator, Sequence

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone.bastion.host import in_its_network, network_of, switched_on
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Doubt, Verdict, rule, values_at

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@rule(
    "bastion-kerberos-dns",
    title="Kerberos without DNS servers in Bastion's network",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "People still sign in, by a means that was to be abolished.",
    },
    guidance=("C7",),
    needs=in_its_network(),
)
def kerberos_dns(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A Bastion host offers Kerberos, but its network does not ask domain controllers for names.

    What it finds: enableKerberos is on, and the host's network has no DNS server of its own or none inside
    its own address space. That the servers are domain controllers is not in ARM and not checked.
    Why: Kerberos finds its domain controllers by name, and Bastion needs them in its own network; else the
    sign-in silently falls back to what was to be abolished.
    Fix: none is applied. Set the network's DNS servers, then deploy the host again: it reads them once.
    Fix safety: ALERT. All name resolution in that network changes.
    Unknown: when the host's network cannot be read, shows no address space, or names a DNS server that is
    no address.
    References: C7; Azure Bastion, Kerberos authentication.
    """
    if switched_on(subject, "enableKerberos"):
        yield from _judge(subject, network_of(subject, snapshot))


def _judge(bastion: Resource, network: Resource) -> Iterator[Verdict]:
    servers = [str(server) for server in values_at(network.body, "properties.dhcpOptions.dnsServers[]")]
    spaces = [str(space) for space in values_at(network.body, "properties.addressSpace.addressPrefixes[]")]
    addresses = [_address(server) for server in servers]
    if any(address is not None and _inside(address, spaces) for address in addresses):
        return
    if None in addresses or (servers and not spaces):
        yield Doubt(f"whether the DNS servers of {network.id.name} stand in it is not known")
        return
    evidence = {
        "virtualNetworkId": network.id.text,
        "dnsServers": servers,
        "addressSpace": spaces,
        "blastRadius": "name resolution of everything in the network",
    }
    fault = (
        f"none of the DNS servers of {network.id.name} stands in it"
        if servers
        else "its network has no DNS server"
    )
    yield Violation(f"{bastion.id.name} offers Kerberos, but {fault}", evidence)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _inside(address: Address, spaces: Sequence[str]) -> bool:
    for space in spaces:
        try:
            if address in ipaddress.ip_network(space, strict=False):
                return True
        except ValueError:
            continue
    return False
