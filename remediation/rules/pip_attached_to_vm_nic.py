"""Rule pip-attached-to-vm-nic."""

from collections.abc import Iterator, Mapping
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import NIC, PUBLIC_IP, SCALE_SET_NIC
from remediation.landing_zone import commands
from remediation.landing_zone.machines import configurations
from remediation.landing_zone.owners import owner_of
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import BroadFrom, Context, Grade, breadth, detected
from remediation.nsg.spaces.sets import union
from remediation.resource_id import ResourceId
from remediation.rule import Doubt, Follow, Group, Verdict, ids_at, rule, without_properties
from remediation.ways.crossing.passing import Passing
from remediation.ways.entries.public_addresses import lead_from
from remediation.ways.landscape import Landscape
from remediation.ways.needs import GUARDS_OF_NIC
from remediation.ways.targets import targets_of
from remediation.ways.way import Way

_PUBLIC_IPS = "properties.publicIPAddress.id"
_AROUND = (*GUARDS_OF_NIC, Group())


def _is_of_a_nic(address: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return _nic_of(address) is not None


@rule(
    "pip-attached-to-vm-nic",
    title="Public IP address on a virtual machine",
    applies_to=(PUBLIC_IP,),
    severity=Severity.HIGH,
    because={
        Severity.CRITICAL: "A broad part of the internet arrives at a management port through it today.",
        Severity.HIGH: "No broad part of the internet is known to arrive at a management port through it; "
        "one changed rule would let it.",
    },
    guidance=("C0", "R13"),
    needs=(
        Follow("properties.ipConfiguration.id", to=NIC, then=_AROUND),
        Follow("properties.ipConfiguration.id", to=SCALE_SET_NIC, then=_AROUND),
    ),
    closer=(Group(),),
    suspects=_is_of_a_nic,
    refuses=without_properties,
)
def public_ip_on_vm(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A virtual machine has a public IP address of its own.

    What it finds: the address is attached to a NIC of a virtual machine (or of a scale set's instance) that
    does not forward packets. Addresses of Bastion, gateways, firewalls and load balancers never match.
    Severity: high; critical when the composed network security groups let a broad part of the internet that
    is not approved reach a management port of the machine. A few named addresses (an office) leave it high.
    While it is not known which ports are open, `openPortsUnknown` says why.
    Why: people reach machines through Bastion; an address of its own bypasses it and every control in it.
    Fix: none is applied; the command that takes the address off the NIC is printed for a person to run. Where
    a service keeps the address or the NIC (AKS, Databricks), it is changed through that service instead.
    Fix safety: ALERT. It would also cut the machine's own way out and any partner's allow-list.
    Unknown: when the NIC cannot be read, or either came as a mere reference, without its properties.
    References: C0, R13; landing-zone guidance on remote access.
    """
    nic_id = _nic_of(subject)
    nic = None if nic_id is None else snapshot.need(nic_id)
    if nic is None:
        return
    bare = without_properties(nic)
    if bare is not None:
        yield Doubt(bare)
        return
    machine = nic.properties("virtualMachine", "id")
    of_a_machine = machine or nic.id.type == SCALE_SET_NIC
    if of_a_machine and nic.properties("enableIPForwarding") is not True:
        yield _violation(subject, nic, machine, snapshot, baseline)


def _nic_of(address: Resource) -> ResourceId | None:
    attached = next(ids_at(address.body, "properties.ipConfiguration.id"), None)
    return None if attached is None else attached.up_to(NIC) or attached.up_to(SCALE_SET_NIC)


def _violation(
    address: Resource, nic: Resource, machine: object, snapshot: Snapshot, baseline: Baseline
) -> Violation:
    ways = _ways(address, nic, snapshot, baseline)
    reached = [way for way in ways if way.verdict == "open" or way.partly]
    unclear = [way.reason for way in ways if way.verdict == "unknown" and not way.partly]
    name = str(machine).rpartition("/")[2] if machine else nic.id.name
    evidence: dict[str, Any] = {
        "nicId": nic.id.text,
        "virtualMachineId": machine,
        "ipAddress": address.properties("ipAddress"),
        "openPorts": [f"{way.protocol}/{way.port}" for way in reached],
        "beforeDetaching": list(_hindrances(address)),
    }
    if unclear:
        evidence["openPortsUnknown"] = "; ".join(dict.fromkeys(unclear))
    if unclear and not reached:
        del evidence["openPorts"]  # an empty list would say that none is open
    broad = BroadFrom(baseline.limits.broad_ipv4_addresses)
    wide = breadth(union(*(way.sources for way in reached)), Context(), broad) is Grade.CRITICAL
    severity = Severity.CRITICAL if wide or any(way.partly for way in reached) else Severity.HIGH
    message = f"{address.id.name} gives {name} a public address of its own"
    owner = owner_of(nic, snapshot)
    if owner is not None:
        return Violation(message, evidence, severity, owner.no_fix)
    return Violation(message, evidence, severity, commands=tuple(_commands(address, nic)))


def _ways(address: Resource, nic: Resource, snapshot: Snapshot, baseline: Baseline) -> list[Way]:
    """The ways from the address to the machine's management ports."""
    passing = Passing(Landscape(snapshot), baseline.allowed_management_sources)
    targets = list(targets_of(nic))
    held = [one for one in targets if address.id in set(ids_at(one.configuration, _PUBLIC_IPS))] or targets[
        :1
    ]
    found = (
        passing.way(lead_from(address, target), target, port, protocol)
        for target in held
        for port, protocol in detected(baseline.management_ports)
    )
    return [way for way in found if way is not None]


def _configuration(address: Resource, nic: Resource) -> Mapping[str, Any]:
    """The ip configuration of the NIC that holds the address, else its first one."""
    found = list(configurations(nic))
    holding = (one for one in found if address.id in set(ids_at(one, _PUBLIC_IPS)))
    return next(holding, found[0] if found else {})


def _hindrances(address: Resource) -> Iterator[str]:
    """What a person should look at before the address is taken away."""
    if address.properties("dnsSettings"):
        yield "it has a DNS name"
    if str(address.properties("publicIPAllocationMethod")).lower() == "dynamic":
        yield "it is dynamic: the address is lost when detached"
    if address.properties("publicIPPrefix"):
        yield "it comes from a prefix"
    if address.properties("ipTags"):
        yield "it carries address tags"
    yield "the machine may lose its only way out to the internet"


def _commands(address: Resource, nic: Resource) -> Iterator[str]:
    if nic.id.type == NIC:
        name = str(_configuration(address, nic).get("name") or "ipconfig1")
        yield commands.detach_public_ip(nic, name)
