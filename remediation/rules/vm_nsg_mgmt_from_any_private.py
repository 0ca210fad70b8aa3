"""Rule vm-nsg-mgmt-from-any-private."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from remediation.baseline import Baseline
from remediation.kinds import NSG, VNET
from remediation.landing_zone.machines import (
    NSG_OF,
    SUBNET_OF,
    Way,
    Ways,
    interfaces_behind,
    machine_nics,
    networks_of,
)
from remediation.landing_zone.peering import remote_prefixes
from remediation.landing_zone.surroundings import (
    ATTACHED,
    Surroundings,
    readable,
    subnet_prefixes,
    without_rules,
)
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import Context, Direction, Nsg, detected, flow_allowed
from remediation.rule import Doubt, Doubts, Follow, Verdict, rule, values_at

TAG, ANYWHERE = "VirtualNetwork", "*"
SUBNETS = "properties.ipConfigurations[].properties.subnet.id"
MOST_SHOWN = 20

type Service = tuple[int, str]


def _reaches(
    levels: Nsg | Sequence[Nsg | None], target: str, service: Service, context: Context
) -> bool | None:
    """Whether all of VirtualNetwork reaches a target; None where that cannot be told.

    A rule for addresses may hold any part of a tag, so where the tag as a whole gives no answer its known
    parts (`context.virtual_network`) are asked: one that is refused is enough.
    """
    port, protocol = service
    whole = flow_allowed(levels, Direction.INBOUND, TAG, target, port, protocol, context)
    if not whole.unknown:
        return whole.verdict == "allowed" or (whole.allowed and target == ANYWHERE)
    parts = context.virtual_network
    if not parts:
        return None
    known = flow_allowed(levels, Direction.INBOUND, parts, target, port, protocol, context)
    refused = known.denied if target != ANYWHERE else known.verdict == "denied"
    return False if refused else None


def _suspicious(nsg: Resource, snapshot: Snapshot, baseline: Baseline) -> bool:
    """Whether the group alone may let the whole network in somewhere."""
    around = Surroundings(nsg, snapshot)
    if around.empty:
        return False
    known = [prefix for subnet in around.subnets or () for prefix in subnet_prefixes(subnet)]
    context = replace(around.known, virtual_network=readable(known))
    services = detected(baseline.management_ports)
    return any(_reaches(around.parsed, ANYWHERE, service, context) is not False for service in services)


@rule(
    "vm-nsg-mgmt-from-any-private",
    title="Management port open to the whole private network",
    applies_to=(NSG,),
    severity=Severity.LOW,
    guidance=("R8",),
    needs=ATTACHED,
    closer=(
        Follow("properties.subnets[].id", to=VNET),
        *interfaces_behind(NSG_OF, SUBNET_OF, Follow(SUBNETS, to=VNET)),
    ),
    suspects=_suspicious,
    refuses=without_rules,
)
def from_any_private(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A machine behind a network security group takes SSH or RDP from everywhere in the private network.

    What it finds: a machine behind the group to which the groups of its subnet and of its NIC together let
    all of VirtualNetwork in on a management port, be it by a default rule.
    Why: whoever holds one machine of the network, of a peer or of a site behind a gateway reaches them all.
    People come from Bastion's own prefix; nobody else needs the port.
    Fix: none is applied. A person narrows the source to the prefix of AzureBastionSubnet.
    Fix safety: ALERT. Backup, monitoring and domain tools may use the same ports.
    Unknown: when a NIC or a group on the way cannot be read, when it depends on what VirtualNetwork holds.
    References: R8; network security groups overview.
    """
    if not _suspicious(subject, snapshot, baseline):
        return
    around = Surroundings(subject, snapshot)
    nics = machine_nics(around)
    if nics is None:
        yield Doubt("not every network interface behind it could be read")
        return
    services = detected(baseline.management_ports)
    question = _Question(around, Ways(snapshot), {}, Doubts())
    reached = [one for nic in nics for one in question.about(nic, services)]
    if reached:
        yield _violation(subject, reached)
    else:
        yield from list(question.doubts)[:1]


@dataclass(frozen=True, slots=True)
class _Reached:
    machine: str
    service: Service


@dataclass(frozen=True, slots=True)
class _Question:
    """Asks the same of every machine, and notes where it cannot be told.

    `whole` keeps what holds for all that lies behind the same groups.
    """

    around: Surroundings
    ways: Ways
    whole: dict[tuple[object, ...], bool]
    doubts: Doubts

    def about(self, nic: Resource, services: Sequence[Service]) -> Iterator[_Reached]:
        ways = self.doubts.ask(self.ways.all_to, nic) or ()
        context = replace(self.around.known, virtual_network=readable(_inside(self.around, nic)))
        for way in ways:
            if way.address is None:
                self.doubts.add(f"the address of {nic.id.name} is not known")
                continue
            for service in services:
                whole = self._all_of_it(way, service, context)
                reaches = True if whole else _reaches(way.levels, way.address, service, context)
                if reaches:
                    yield _Reached(str(nic.properties("virtualMachine", "id")), service)
                elif reaches is None:
                    self.doubts.add(f"whether all of {TAG} reaches {nic.id.name} depends on what it holds")

    def _all_of_it(self, way: Way, service: Service, context: Context) -> bool:
        """Whether the same groups let everybody reach everything behind them, asked once."""
        key = (*map(id, way.levels), service)
        if key not in self.whole:
            port, protocol = service
            answer = flow_allowed(way.levels, Direction.INBOUND, TAG, ANYWHERE, port, protocol, context)
            self.whole[key] = answer.verdict == "allowed"
        return self.whole[key]


def _inside(around: Surroundings, nic: Resource) -> Iterator[str]:
    """What certainly lies in the VirtualNetwork of a NIC: its networks, and their connected peers."""
    for identity in networks_of(nic):
        network = around.snapshot.get(identity)
        if isinstance(network, Resource):
            yield from map(str, values_at(network.body, "properties.addressSpace.addressPrefixes[]"))
            yield from remote_prefixes(network)


def _violation(nsg: Resource, reached: Sequence[_Reached]) -> Violation:
    machines = sorted({one.machine for one in reached})
    ports = sorted({f"{protocol}/{port}" for port, protocol in (one.service for one in reached)})
    evidence = {
        "machines": machines[:MOST_SHOWN],
        "ports": ports,
        "blastRadius": "tools that use these ports from elsewhere in the network stop when it is narrowed",
    }
    names = ", ".join(machine.rpartition("/")[2] for machine in machines[:3])
    names += f" and {len(machines) - 3} more" if len(machines) > 3 else ""
    return Violation(f"{nsg.id.name} lets all of {TAG} reach {', '.join(ports)} of {names}", evidence)
