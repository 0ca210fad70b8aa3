"""Rule pip-attached-to-vm-nic."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import NIC, PUBLIC_IP, SCALE_SET_NIC
from remediation.landing_zone import commands
from remediation.landing_zone.machines import NSG_OF, SUBNET_OF, Ways, configurations, memberships
from remediation.landing_zone.owners import owner_of
from remediation.landing_zone.routing.tables import ROUTES_OF, default_route_of
from remediation.landing_zone.surroundings import readable
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import BroadFrom, Context, Exposure, Grade, breadth, detected, exposure
from remediation.nsg.spaces.sets import union
from remediation.resource_id import ResourceId
from remediation.rule import Doubt, Doubts, Follow, Group, Verdict, ids_at, rule, without_properties

_SUBNET = replace(SUBNET_OF, then=(*SUBNET_OF.then, ROUTES_OF))
_AROUND = (NSG_OF, _SUBNET, Group())


def _is_of_a_nic(address: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return _nic_of(address) is not None


@rule(
    "pip-attached-to-vm-nic",
    title="Public IP address on a virtual machine",
    applies_to=(PUBLIC_IP,),
    severity=Severity.HIGH,
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
    unread = Doubts()
    exposures = unread.ask(_exposures, address, nic, snapshot, baseline) or []
    context = Context(approved=baseline.allowed_management_sources)
    reached = [
        one for one in exposures if one.alert_as_open or breadth(one.sources, context) is not Grade.NONE
    ]
    unclear = [*unread.reasons, *(one.reason for one in exposures if one.reason and one not in reached)]
    name = str(machine).rpartition("/")[2] if machine else nic.id.name
    evidence: dict[str, Any] = {
        "nicId": nic.id.text,
        "virtualMachineId": machine,
        "ipAddress": address.properties("ipAddress"),
        "openPorts": [f"{one.protocol}/{one.port}" for one in reached],
        "beforeDetaching": list(_hindrances(address)),
    }
    if unclear:
        evidence["openPortsUnknown"] = "; ".join(dict.fromkeys(unclear))
    if unclear and not reached:
        del evidence["openPorts"]  # an empty list would say that none is open
    broad = BroadFrom(baseline.limits.broad_ipv4_addresses)
    every = union(*(one.sources for one in reached))
    wide = any(one.alert_as_open for one in reached) or breadth(every, context, broad) is Grade.CRITICAL
    severity = Severity.CRITICAL if wide else Severity.HIGH
    message = f"{address.id.name} gives {name} a public address of its own"
    owner = owner_of(nic, snapshot)
    if owner is not None:
        return Violation(message, evidence, severity, owner.no_fix)
    return Violation(message, evidence, severity, commands=tuple(_commands(address, nic)))


def _exposures(address: Resource, nic: Resource, snapshot: Snapshot, baseline: Baseline) -> list[Exposure]:
    """What the internet reaches of the machine through subnet and NIC NSG.

    Raises UndecidedError where one of them was not read.
    """
    configuration = _configuration(address, nic)
    way = Ways(snapshot).to(nic, configuration)
    private = readable((way.address,)) if way.address else ()
    context = Context(
        attached=private or None,
        asg_members=memberships(configuration) if private else None,
        default_route=default_route_of(configuration, snapshot) is not None,
        public_ip_sku=_sku(address),
    )
    return [
        exposure(way.levels, port, protocol, context)
        for port, protocol in detected(baseline.management_ports)
    ]


def _sku(address: Resource) -> str:
    """The SKU as far as it decides what is open without a group: StandardV2 is closed as Standard is."""
    return str(address.at("sku", "name") or "Basic").lower().removesuffix("v2")


def _configuration(address: Resource, nic: Resource) -> Mapping[str, Any]:
    """The ip configuration of the NIC that holds the address, else its first one."""
    found = list(configurations(nic))
    holding = (one for one in found if address.id in set(ids_at(one, "properties.publicIPAddress.id")))
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
