"""What Azure Bastion demands of the group on its subnet: a whole, at every step.

That a group which is attached already is judged again at each write of a rule is unconfirmed [?]; so is
which flows a private-only host can do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lab.arm.documents.store import Store
    from lab.arm.documents.tree import Document
    from lab.arm.settings import Settings

BASTION_SUBNET = "azurebastionsubnet"
FROM_INTERNET = ("Inbound", 443, "internet")
# direction, port, the tag on the source side inbound or on the destination side outbound
NEEDED = (
    FROM_INTERNET,
    ("Inbound", 443, "gatewaymanager"),
    ("Inbound", 443, "azureloadbalancer"),
    ("Inbound", 8080, "virtualnetwork"),
    ("Inbound", 5701, "virtualnetwork"),
    ("Outbound", 22, "virtualnetwork"),
    ("Outbound", 3389, "virtualnetwork"),
    ("Outbound", 443, "azurecloud"),
    ("Outbound", 8080, "virtualnetwork"),
    ("Outbound", 5701, "virtualnetwork"),
    ("Outbound", 80, "internet"),
)
ANY_PROTOCOL = frozenset({"*", "tcp"})  # Tcp is enough where the documents say any


def check_attached(store: Store, nsg: Document, settings: Settings) -> None:
    """Refuse rules that the Bastion subnets of a group could not live with."""
    if not settings.bastion_nsg_checked_on_update:
        return
    for subnet in store.links.holders(nsg["id"], "subnets"):
        if ids.parse(subnet).name.lower() == BASTION_SUBNET:
            check_for_subnet(store, nsg, subnet)


def check_for_subnet(store: Store, nsg: Document, subnet_id: str) -> None:
    """Refuse a group that lacks what the host in a subnet needs."""
    needed = NEEDED[1:] if _is_private(store, subnet_id) else NEEDED
    if not meets_bastion(nsg, needed):
        raise ArmError(
            400,
            "NetworkSecurityGroupNotCompliantForAzureBastionSubnet",
            f"Network security group {nsg['name']} does not have necessary rules for Azure Bastion Subnet "
            "AzureBastionSubnet.",
        )


def _is_private(store: Store, subnet_id: str) -> bool:
    holders = store.links.holders(subnet_id, "ipConfigurations")
    hosts = [store.get(ids.root(each)) for each in holders]
    return any(host and host.doc["properties"].get("enablePrivateOnlyBastion") is True for host in hosts)


def meets_bastion(nsg: Document, needed: Iterable[tuple[str, int, str]] = NEEDED) -> bool:
    """Whether explicit rules let every flow through that Bastion needs; default rules do not count."""
    rules = sorted(
        (rule["properties"] for rule in nsg["properties"].get("securityRules", ())),
        key=lambda each: int(each["priority"]),
    )
    return all(_admitted(rules, *flow) for flow in needed)


def _admitted(rules: list[Document], direction: str, port: int, tag: str) -> bool:
    side = "source" if direction == "Inbound" else "destination"
    first = next(
        (
            rule
            for rule in rules
            if str(rule["direction"]).lower() == direction.lower()
            and str(rule["protocol"]).lower() in ANY_PROTOCOL
            and _covers_port(rule, port)
            and _covers_tag(rule, side, tag)
        ),
        None,
    )
    return first is not None and str(first["access"]).lower() == "allow"


def _listed(properties: Document, singular: str, plural: str) -> Iterator[str]:
    for value in (properties.get(singular), *properties.get(plural, ())):
        if value is not None:
            yield str(value).lower()


def _covers_port(properties: Document, port: int) -> bool:
    for text in _listed(properties, "destinationPortRange", "destinationPortRanges"):
        low, _, high = text.partition("-")
        if text == "*" or (low.isdigit() and int(low) <= port <= int(high or low)):
            return True
    return False


def _covers_tag(properties: Document, side: str, tag: str) -> bool:
    values = set(_listed(properties, f"{side}AddressPrefix", f"{side}AddressPrefixes"))
    own_ranges = (
        tag == "internet"
        and side == "source"
        and any("/" in value or value[:1].isdigit() for value in values)
    )
    return bool(values & {tag, "*", "0.0.0.0/0"}) or own_ranges
