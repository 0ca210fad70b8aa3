"""Rule bastion-public-ip."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone.bastion.host import PUBLIC_IPS, is_developer, is_on
from remediation.landing_zone.facts import PUBLIC_IP_SKU_WHEN_ABSENT, PUBLIC_IP_SKUS
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Doubt, Doubts, Follow, Verdict, ids_at, rule, values_at


@rule(
    "bastion-public-ip",
    title="Bastion's public address is of the wrong kind",
    applies_to=(BASTION,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "The host can be lost with one zone, or not be deployed again.",
        Severity.INFO: "From which zones such an address answers is not in its document.",
    },
    guidance=("C5",),
    needs=(Follow(PUBLIC_IPS),),
)
def bastion_public_ip(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """The public IP address of a Bastion host is not what Bastion needs.

    What it finds: the host's address is not Standard, not static or not IPv4, or is pinned to fewer zones
    than the host. Developer and private-only hosts have no address. That Bastion has a public address at all
    is as it should be and never counts as exposure.
    Severity: high; info where the address of a zonal host names no zones. Azure makes such an address
    zone-redundant since September 2024; from which zones an older one answers is not in its document.
    Why: with a Basic or dynamic address the host cannot be deployed again; an address in fewer zones takes
    the host down with its zone.
    Fix: none is applied. Address and host are bound for life: make a new address, deploy the host again.
    Fix safety: ALERT. Everybody who uses that host is without it meanwhile.
    Unknown: when the address cannot be read or the host names none, when a property of it is missing or in
    no table.
    References: C5; Azure Bastion configuration settings, public IP address.
    """
    if is_developer(subject) or is_on(subject, "enablePrivateOnlyBastion"):
        return
    identities = tuple(ids_at(subject.body, PUBLIC_IPS))
    if not identities:
        yield Doubt(f"{subject.id.name} names no public IP address")
    for identity in identities:
        doubts = Doubts()
        with doubts.noted():
            yield from _judge(subject, snapshot.existing(identity, "public IP address"))
        yield from doubts


def _judge(bastion: Resource, address: Resource) -> Iterator[Verdict]:
    faults = list(_faults(bastion, address))
    if faults:
        evidence = {
            "publicIpAddressId": address.id.text,
            "faults": faults,
            "sku": address.at("sku", "name"),
            "publicIPAllocationMethod": address.properties("publicIPAllocationMethod"),
            "publicIPAddressVersion": address.properties("publicIPAddressVersion"),
            "zones": {"host": _zones(bastion), "address": _zones(address)},
            "blastRadius": "everybody who uses this Bastion host, while it is deployed again",
        }
        yield Violation(f"{address.id.name} of {bastion.id.name} {' and '.join(faults)}", evidence)
        return
    doubts = list(_doubts(address))
    yield from map(Doubt, doubts)
    if _zones(bastion) and not _zones(address) and not doubts:
        yield _without_zones(bastion, address)


def _without_zones(bastion: Resource, address: Resource) -> Violation:
    """A note, no fault: an address that names no zones is taken to be in all of them."""
    evidence = {
        "publicIpAddressId": address.id.text,
        "sku": address.at("sku", "name"),
        "zones": {"host": _zones(bastion), "address": []},
    }
    message = (
        f"{address.id.name} of {bastion.id.name} names no zones; "
        "Azure makes such an address zone-redundant since September 2024"
    )
    return Violation(message, evidence, Severity.INFO)


def _faults(bastion: Resource, address: Resource) -> Iterator[str]:
    sku = _sku(address)
    if PUBLIC_IP_SKUS.get(sku.lower()) is False:
        yield f"has SKU {sku}, not Standard"
    if _method(address) == "dynamic":
        yield "is dynamic, not static"
    if _version(address) == "ipv6":
        yield "is IPv6, not IPv4"
    pinned = set(_zones(address))
    missing = sorted(set(_zones(bastion)) - pinned) if pinned else []
    if missing:
        yield f"is missing from zone {', '.join(missing)} of the host"


def _doubts(address: Resource) -> Iterator[str]:
    if _sku(address).lower() not in PUBLIC_IP_SKUS:
        yield f"SKU {_sku(address)!r} of {address.id.name} is not one we know"
    if _method(address) != "static":
        yield f"whether {address.id.name} is static is not known"
    if _version(address) != "ipv4":
        yield f"{address.properties('publicIPAddressVersion')!r} is no version of IP addresses we know"


def _sku(address: Resource) -> str:
    return str(address.at("sku", "name") or PUBLIC_IP_SKU_WHEN_ABSENT)


def _method(address: Resource) -> str:
    return str(address.properties("publicIPAllocationMethod") or "").lower()


def _version(address: Resource) -> str:
    """ARM's default is IPv4; documents of older API versions leave it out."""
    return str(address.properties("publicIPAddressVersion") or "IPv4").lower()


def _zones(resource: Resource) -> list[str]:
    return [str(zone) for zone in values_at(resource.body, "zones[]")]
