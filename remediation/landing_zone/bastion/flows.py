"""The flows that an NSG of AzureBastionSubnet must let through, as rules and as questions to the engine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from remediation.landing_zone.facts import BASTION_FLOWS, BASTION_USERS, BastionFlow
from remediation.nsg import Context, Direction, FlowAnswer, Nsg, flow_allowed

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
    """How an NSG treats a required flow."""

    flow: BastionFlow
    answer: FlowAnswer

    @property
    def blocked(self) -> bool:
        """Whether some of it certainly does not get through.

        People may be let in from the operator's own public ranges instead of Internet.
        """
        users = self.flow.name == BASTION_USERS.name
        return self.answer.denied and not (users and self.answer.allowed)

    @property
    def only_by_default(self) -> bool:
        """Whether part of it gets through by nothing but a default rule, which Azure does not accept."""
        return self.answer.only_by_default

    @property
    def unanswered(self) -> bool:
        """Whether nothing of it is certain: no rule names its tag, whose content is not known, others may."""
        far = self.flow.source if self.flow.direction == "Inbound" else self.flow.destination
        certain = self.answer.allowed or self.answer.denied
        return far in UNKNOWN_CONTENT and self.answer.unknown and not certain

    @property
    def text(self) -> str:
        flow = self.flow
        ports = ", ".join(str(port) for port in flow.ports)
        return f"{flow.direction.lower()} {ports} from {flow.source} to {flow.destination} ({flow.purpose})"


def passage(nsg: Nsg, flow: BastionFlow, context: Context) -> Passage:
    """Ask the engine about one flow."""
    direction = Direction(flow.direction)
    protocol = "*" if flow.protocol == "*" else flow.protocol.lower()
    answer = flow_allowed(nsg, direction, flow.source, flow.destination, flow.ports, protocol, context)
    return Passage(flow, answer)
