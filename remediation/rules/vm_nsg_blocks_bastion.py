"""Rule vm-nsg-blocks-bastion."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from remediation.baseline import Baseline
from remediation.kinds import BASTION, NSG
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.behind import NETWORKS, Behind
from remediation.landing_zone.facts import DEVELOPERS_SOURCE
from remediation.landing_zone.machines import (
    addresses_of,
    interfaces_behind,
    machine_nics,
    machine_of,
    system_of,
)
from remediation.landing_zone.openings import OWN_PREFIX, opening, opening_fix
from remediation.landing_zone.surroundings import ATTACHED, Surroundings, readable, without_rules
from remediation.model import (
    Applicability,
    Fix,
    NoFix,
    Resource,
    Severity,
    Snapshot,
    UndecidedError,
    Violation,
)
from remediation.nsg import Decider, Direction, FlowAnswer, Flows, is_jit_name
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Doubt, Doubts, Follow, Group, Listed, Verdict, rule

PORTS = {"linux": 22, "windows": 3389}
MOST_SHOWN = 20


def _flows(around: Surroundings, prefixes: Sequence[str], target: str) -> Flows:
    """How the group treats TCP from prefixes a host comes from; from wherever one may come without any."""
    context = replace(around.known, virtual_network=readable(prefixes))
    source = context.virtual_network or ("VirtualNetwork", DEVELOPERS_SOURCE)
    return Flows(around.parsed, Direction.INBOUND, source, target, context)


def _suspicious(nsg: Resource, snapshot: Snapshot, _baseline: Baseline) -> bool:
    """Whether anything of the network, or a Developer host, may be kept from SSH or RDP at all."""
    around = Surroundings.of(nsg, snapshot)
    return not around.empty and _blocks(_flows(around, (), "*"))


def _blocks(flows: Flows) -> bool:
    """Whether SSH or RDP is not certainly let through."""
    return any(flows.answer(port).verdict != "allowed" for port in PORTS.values())


def _if_no_host(nsg: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    """The group itself where no dedicated host is in sight: then a Developer host may be the one."""
    return () if Behind(Surroundings.of(nsg, snapshot)).all_served else (nsg.id,)


def _if_blocked(nsg: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    """The group itself where it may keep a host from some machine: then the machines are worth reading."""
    around = Surroundings.of(nsg, snapshot)
    prefixes = Behind(around).prefixes
    return (nsg.id,) if any(_blocks(_flows(around, [prefix], "*")) for prefix in prefixes) else ()


@rule(
    "vm-nsg-blocks-bastion",
    title="Network security group keeps Bastion from a machine",
    applies_to=(NSG,),
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "People are locked out of some machines; nobody is let in by it.",
    },
    guidance=("R8",),
    applicability=Applicability.UNSAFE,
    needs=ATTACHED,
    closer=(
        *NETWORKS,
        Chosen(_if_no_host, then=(Listed(BASTION, scope="subscription"),)),
        Chosen(_if_blocked, then=(*interfaces_behind(Follow("properties.virtualMachine.id")), Group())),
    ),
    suspects=_suspicious,
    refuses=without_rules,
)
def blocks_bastion(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A network security group denies Bastion the port on which people reach a machine behind it.

    What it finds: TCP from AzureBastionSubnet to port 22 of a Linux or 3389 of a Windows machine is denied by
    this group, in whole or in part. The host is the one in the machine's own network, else any in a connected
    peer or a Developer host, which comes from 168.63.129.16; where several could serve, all of them must be
    denied. A deny of just-in-time access keeps nobody out: a request lifts it, and both are recommended.
    Why: whoever is locked out of Bastion opens another way in, and that one is seldom as well guarded.
    Fix: one allow rule from the Bastion prefix, before the rule that blocks.
    Fix safety: UNSAFE. Isolation is often deliberate; the rule holds for everything behind the group. No fix
    before a deny of just-in-time access.
    Unknown: when a peer, a NIC or a machine cannot be read, when what a machine runs is not known, when a
    deciding rule cannot be read.
    References: R8; Working with NSG access and Azure Bastion.
    """
    if not _suspicious(subject, snapshot, baseline):
        return
    around = Surroundings.of(subject, snapshot)
    reach = Behind(around)
    if not reach.hosts:
        yield from list(reach.doubts)[:1]
        return
    if not any(_if_blocked(subject, snapshot)):
        return
    nics = machine_nics(around)
    if nics is None:
        yield Doubt("not every network interface behind it could be read")
        return
    doubts = Doubts()
    kept = [found for nic in nics if (found := doubts.ask(_kept, around, reach, nic)) is not None]
    if kept:
        yield _violation(around, kept)
    else:
        yield from list(doubts)[:1]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A machine that no Bastion host reaches, the prefixes of the nearest one, and what denies them."""

    machine: ResourceId
    port: int
    prefixes: tuple[str, ...]
    denied_by: tuple[Decider, ...]


def _kept(around: Surroundings, reach: Behind, nic: Resource) -> _Kept | None:
    """The machine of a NIC if no host reaches it; raises UndecidedError where that cannot be told."""
    machine = machine_of(nic)
    assert machine is not None
    hosts = reach.serving(nic)
    read = around.snapshot.need(machine) if hosts else None
    if read is None:
        return None
    system = system_of(read)
    if system is None:
        raise UndecidedError(f"whether {machine.name} runs Linux or Windows is not known")
    port, addresses = PORTS[system], addresses_of(nic)
    if not addresses:
        raise UndecidedError(f"the address of {nic.id.name} is not known")
    answers = [_flows(around, host.prefixes, addresses[0]).answer(port) for host in hosts]
    if any(_at_rest(answer) for answer in answers):
        return None
    if all(answer.denied for answer in answers):
        return _Kept(machine, port, hosts[0].prefixes, answers[0].denied_by)
    if not any(answer.verdict == "allowed" for answer in answers):
        raise UndecidedError(
            f"whether Bastion reaches {machine.name} on port {port} depends on what cannot be read"
        )
    return None


def _at_rest(answer: FlowAnswer) -> bool:
    """Whether nothing but just-in-time access denies it, which waits for somebody to ask."""
    return bool(answer.denied_by) and all(is_jit_name(deny.name) for deny in answer.denied_by)


def _violation(around: Surroundings, kept: list[_Kept]) -> Violation:
    names = sorted({one.machine.name for one in kept})
    denies = {decider: None for one in kept for decider in one.denied_by}
    evidence = {
        "machines": sorted({one.machine.text for one in kept})[:MOST_SHOWN],
        "ports": sorted({one.port for one in kept}),
        "bastionPrefixes": sorted({prefix for one in kept for prefix in one.prefixes}),
        "deniedBy": [{"rule": deny.name, "priority": deny.priority} for deny in denies],
        "blastRadius": "everything behind the group becomes reachable from Bastion on these ports",
    }
    fix = _fix(around, kept, denies)
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    message = f"{around.nsg.id.name} keeps Bastion from {shown}"
    return Violation(message, evidence, fix=fix, commands=commands.for_fix(fix))


def _fix(around: Surroundings, kept: list[_Kept], denies: Iterable[Decider]) -> Fix | NoFix:
    why = around.untouchable()
    if why is not None:
        return NoFix(why)
    ports = [str(port) for port in sorted({one.port for one in kept})]
    properties = {
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "sourceAddressPrefixes": sorted({prefix for one in kept for prefix in one.prefixes}),
        "destinationAddressPrefix": "*",
        "destinationPortRanges": ports,
        "direction": "Inbound",
        "description": "SSH and RDP through Azure Bastion.",
    }
    name = f"{OWN_PREFIX}allow-bastion-{'-'.join(ports)}"
    change = opening(around.parsed, name, properties, denies)
    if isinstance(change, NoFix):
        return change
    return opening_fix(around.nsg, (change,), f"Let Bastion reach port {' and '.join(ports)}")
