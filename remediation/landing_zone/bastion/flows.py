"""The flows that an NSG of AzureBastionSubnet must let through, as rules and as questions to the engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remediation.landing_zone.facts import BASTION_FLOWS, BASTION_KERBEROS, BASTION_USERS, BastionFlow
from remediation.nsg import Access, Context, Direction, FlowAnswer, Nsg, flow_allowed
from remediation.nsg.fields import AddressField
from remediation.nsg.rule import ANY_PROTOCOL
from remediation.nsg.spaces.addresses import V4_SPACE
from remediation.nsg.spaces.sets import contains, covers

# People reach a private-only host from any of these, over a peering, VPN or ExpressRoute.
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
# Tags of the required flows that may lie within any other tag.
UNKNOWN_CONTENT = frozenset({"GatewayManager", "AzureCloud"})


def flows(*, private_only: bool) -> Iterator[BastionFlow]:
    """The required flows; people reach a private-only host from VirtualNetwork (unconfirmed)."""
    for flow in BASTION_FLOWS:
        yield replace(flow, source="VirtualNetwork") if flow is BASTION_USERS and private_only else flow


def properties_of(flow: BastionFlow) -> dict[str, Any]:
    """The rule that lets a flow through, as a PUT takes it."""
    return {
        "protocol": flow.protocol,
        "sourcePortRange": "*",
        "sourceAddressPrefix": flow.source,
        "destinationAddressPrefix": flow.destination,
        "destinationPortRanges": [str(port) for port in flow.ports],
        "access": "Allow",
        "priority": flow.priority,
        "direction": flow.direction,
        "description": f"Azure Bastion needs it: {flow.purpose}.",
    }


@dataclass(frozen=True, slots=True)
class Passage:
    """How an NSG treats a required flow.

    `named`: an allow rule names its tag, or everybody. Azure's check of the group looks for that; what
    another tag holds (Internet the addresses of GatewayManager) does not count for it.
    """

    flow: BastionFlow
    answer: FlowAnswer
    named: bool = True

    @property
    def blocked(self) -> bool:
        """Whether some of it certainly does not get through.

        A part is enough of people, who may be let in from the operator's own public ranges instead of
        Internet, and of domain controllers, which may be let through to alone.
        """
        return self.answer.denied and not self._enough

    @property
    def _enough(self) -> bool:
        """Whether a part gets through, of a flow of which a part is enough."""
        return self.flow.name in {BASTION_USERS.name, BASTION_KERBEROS.name} and self.answer.allowed

    @property
    def only_by_default(self) -> bool:
        """Whether part of it gets through by nothing but a default rule, which Azure does not accept."""
        return self.flow.checked and self.answer.only_by_default

    @property
    def accepted(self) -> bool:
        """Whether Azure takes a group that treats the flow so; what a tag may hold does not count for it."""
        missing = self.blocked or self.only_by_default or self.unanswered
        return not (self.flow.checked and missing)

    @property
    def doubtful(self) -> bool:
        """Whether it depends on what cannot be read."""
        return self.answer.unknown and not self._enough

    @property
    def unanswered(self) -> bool:
        """Whether it may get through, and no rule says so by its tag."""
        return not (self.named or self.answer.denied or self.only_by_default)

    @property
    def text(self) -> str:
        flow = self.flow
        ports = ", ".join(str(port) for port in flow.ports)
        return f"{flow.direction.lower()} {ports} from {flow.source} to {flow.destination} ({flow.purpose})"


def passage(nsg: Nsg, flow: BastionFlow, context: Context) -> Passage:
    """Ask the engine about one flow. Where the documentation says any protocol, TCP is enough to work."""
    direction = Direction(flow.direction)
    private = flow.name == BASTION_USERS.name and flow.source != BASTION_USERS.source
    source = (flow.source, *PRIVATE) if private else flow.source
    answer = flow_allowed(nsg, direction, source, flow.destination, flow.ports, "tcp", context)
    return Passage(flow, answer, _named(nsg, flow, direction))


def _named(nsg: Nsg, flow: BastionFlow, direction: Direction) -> bool:
    """Whether an allow rule names the tag of a flow, or everybody; other tags are not asked about."""
    inbound = direction is Direction.INBOUND
    tag = flow.source if inbound else flow.destination
    return tag not in UNKNOWN_CONTENT or any(
        _names(rule.source if inbound else rule.destination, tag)
        for rule in nsg.custom
        if rule.direction is direction
        and rule.access is Access.ALLOW
        and rule.protocol in {"tcp", ANY_PROTOCOL}
        and all(contains(rule.destination_ports.known, port) for port in flow.ports)
    )


def _names(side: AddressField, tag: str) -> bool:
    return tag.lower() in {name.lower() for name in side.tags} or covers(side.known, V4_SPACE)


def kerberos(nsg: Nsg, network: Sequence[str], context: Context) -> Passage:
    """Ask about the ports of domain controllers that lead to no address of the network at all.

    Which machines are domain controllers is not in ARM: a port that is let through to some address may be let
    through to them. `network` are its prefixes; without any it is all of VirtualNetwork.
    """
    known = replace(context, virtual_network=tuple(network))
    targets = known.virtual_network or BASTION_KERBEROS.destination

    def ask(*ports: int) -> FlowAnswer:
        return flow_allowed(nsg, Direction.OUTBOUND, "*", targets, ports, "tcp", known)

    closed = tuple(port for port in BASTION_KERBEROS.ports if not ask(port).allowed)
    ports = closed or BASTION_KERBEROS.ports
    return Passage(replace(BASTION_KERBEROS, ports=ports), ask(*ports))
