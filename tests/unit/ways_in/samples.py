"""Reports as the engine gives them, of any size: a hub with Bastion and firewall, spokes, and islands.

Every thirtieth machine is open, every fortieth unknown; the others are closed in the usual ways.
"""

from collections.abc import Iterator

from remediation.model import Unknown
from remediation.nsg.spaces.addresses import PUBLIC_V4
from remediation.resource_id import ResourceId
from remediation.ways.report import Joint, Machine, Network, Report, Serving
from remediation.ways.way import Hop, Kind, Packet, Step, Stop, Verdict, Way

GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups"
OWNERS = ("payments", "orders", "platform", "")
FEW, MANY = 8, 20  # machines of a spoke in small and in large estates
SERVICES = ("web", "app", "db", "jump")


def resource(kind: str, name: str, group: str = "rg-net", provider: str = "Microsoft.Network") -> ResourceId:
    return ResourceId.parse(f"{GROUP}/{group}/providers/{provider}/{kind}/{name}")


HUB = resource("virtualNetworks", "vnet-hub", "rg-hub")
BASTION = resource("bastionHosts", "bas-hub", "rg-hub")
FIREWALL = resource("azureFirewalls", "afw-hub", "rg-hub")
NSG = resource("networkSecurityGroups", "nsg-web")
NIC_NSG = resource("networkSecurityGroups", "nsg-vm")
BALANCER = resource("loadBalancers", "lb-ops")


def machine_id(name: str) -> ResourceId:
    return resource("virtualMachines", name, "rg-app", "Microsoft.Compute")


def packet(
    entry: ResourceId, machine: ResourceId, address: str, port: int, *, rule: str = "ssh-any"
) -> Packet:
    source = "20.33.7.9"
    return Packet(
        source,
        50123,
        "tcp",
        (
            Step(entry, source, "20.50.1.7", port),
            Step(NSG, source, address, port, rule),
            Step(NIC_NSG, source, address, port, rule),
            Step(machine, source, address, port),
        ),
    )


def way(
    machine: ResourceId,
    verdict: Verdict = "open",
    port: int = 22,
    *,
    kind: Kind = "public-ip",
    entry: ResourceId | None = None,
    address: str = "10.1.0.4",
    front: int | str | None = None,
    reason: str = "",
    rule: str = "ssh-any",
    stop: Stop | None = None,
) -> Way:
    """A way as the engine tells it: a closed one is stopped by the NSG of the subnet."""
    entry = entry or resource("publicIPAddresses", f"pip-{machine.name}")
    word = {"lb-nat-rule": "load balancer", "fw-dnat": "firewall"}.get(kind, "public IP")
    closed = verdict == "closed"
    return Way(
        kind=kind,
        entry=entry,
        address="20.50.1.7",
        front_port=port if front is None else front,
        port=port,
        protocol="tcp",
        family="ipv4",
        verdict=verdict,
        sources=PUBLIC_V4 if verdict == "open" else (),
        through=(
            Hop(word, entry),
            Hop("subnet group", NSG, "deny-mgmt" if closed else rule),
            Hop("interface group", NIC_NSG, rule),
            Hop("machine", machine),
        ),
        stopped_by=(stop or Stop(NSG, "deny-mgmt")) if closed else None,
        witness=packet(entry, machine, address, port, rule=rule) if verdict == "open" else None,
        reason=reason or ("rule deny-mgmt denies it" if closed else ""),
    )


def report(count: int) -> Report:
    """An estate of `count` machines, the worst first, as the engine sorts them."""
    networks = list(_networks(count))
    machines = [_machine(number, networks) for number in range(count)]
    worst = {"open": 0, "unknown": 1, "closed": 2}
    machines.sort(key=lambda machine: worst[machine.verdict])
    lost = resource("loadBalancers", "lb-lost")
    unknown = Unknown("*", lost, "its backend pool was not exported: add network interfaces to the export")
    return Report(tuple(machines), tuple(networks), (unknown,) if count > 5 else ())


def _networks(count: int) -> Iterator[Network]:
    spokes = [
        resource("virtualNetworks", f"vnet-spoke-{number:02}")
        for number in range(max(1, count // (FEW if count < 500 else MANY)))
    ]
    yield Network(
        HUB,
        ("10.0.0.0/22",),
        tuple(Joint(spoke, "peering", "Connected") for spoke in spokes[: _joined(len(spokes))]),
        (BASTION,),
        (FIREWALL,),
    )
    for number, spoke in enumerate(spokes):
        joined = number < _joined(len(spokes))
        state = "Disconnected" if number == 3 else "Connected"
        joints = (Joint(HUB, "peering", state),) if joined else ()
        yield Network(spoke, (f"10.{number + 1}.0.0/20",), joints)


def _joined(spokes: int) -> int:
    """How many spokes are peered with the hub; in a large estate two are islands."""
    return spokes - 2 if spokes > 6 else spokes


def _machine(number: int, networks: list[Network]) -> Machine:
    spokes = networks[1:]
    network = spokes[number % len(spokes)] if number else networks[0]
    service = SERVICES[number % len(SERVICES)]
    identity = machine_id(f"vm-{service}-{number:02}")
    address = f"10.{number % 200}.0.{number % 250 + 4}"
    joined = bool(network.joints)
    return Machine(
        identity,
        network.id,
        (address,),
        (Serving(BASTION, "Standard", "peering" if number else "network"),) if joined else (),
        tuple(_ways(number, identity, address)),
        {"owner": OWNERS[number % len(OWNERS)]},
        ("nsg-lost is not in the estate: add network security groups to the export",)
        if number % 40 == 2
        else (),
    )


def _ways(number: int, identity: ResourceId, address: str) -> Iterator[Way]:
    if number % 30 == 1:
        yield way(identity, address=address)
        yield way(identity, "closed", 3389, address=address)
    if number % 60 == 31:
        yield way(identity, kind="lb-nat-rule", entry=BALANCER, front=50022, address=address)
    if number % 90 == 61:
        yield way(identity, kind="fw-dnat", entry=FIREWALL, front=2222, address=address)
    if number % 3 == 0:
        yield way(identity, "closed", address=address)
        yield way(identity, "closed", 3389, address=address, stop=Stop(NIC_NSG, "deny-all"))
    if number % 40 == 13:
        yield way(
            identity, "unknown", 3389, reason="nsg-lost is not in the estate: export network security groups"
        )
