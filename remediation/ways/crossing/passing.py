"""Whether a lead gets through: admin rules, the subnet's group, the interface's group, in one composition.

`certain` are the public sources that get in, `possible` those that may; a way is open where somebody certain
is not approved, closed where nobody possible is left, and unknown between the two.
"""

from dataclasses import replace
from typing import Any

from remediation.nsg.spaces.addresses import FAMILIES, PUBLIC, Family, ranges_of
from remediation.nsg.spaces.sets import EMPTY, intersect, subtract, union
from remediation.ways.crossing.description import Passed, described
from remediation.ways.crossing.flow import Flow
from remediation.ways.crossing.guards import guard_of
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.way import Way


class Passing:
    """Judges leads; what the same groups answer about the same flow is asked once."""

    def __init__(self, around: Landscape, approved: tuple[str, ...] = ()) -> None:
        self._around = around
        self._approved = ranges_of(*approved)
        self._answers: dict[tuple[Any, ...], Any] = {}

    def way(self, lead: Lead, target: Target, port: int, protocol: str) -> Way | None:
        """The way that a lead is for one port of a target; None where it does not lead to that port."""
        front = lead.translation.front_of(port, protocol)
        if front is None:
            return None
        flow = self._flow(lead, target, port, protocol)
        space = intersect(PUBLIC, FAMILIES[_front_family(lead, target)])
        asked = space if lead.for_customers else intersect(lead.sources, space)
        perhaps = union(asked, intersect(lead.unsure, space))
        admitted, ruling = flow.admitted(asked, perhaps)
        if lead.doubt:
            admitted = replace(admitted, certain=EMPTY, reason=lead.doubt)
        approved = EMPTY if lead.for_customers else self._approved
        passed = Passed(
            front=front,
            certain=subtract(admitted.certain, approved),
            possible=subtract(admitted.possible, approved),
            approved=intersect(admitted.possible, approved),
            strangers=subtract(perhaps, approved),
            reason=admitted.reason,
            ruling=ruling,
        )
        return described(flow, passed)

    def _flow(self, lead: Lead, target: Target, port: int, protocol: str) -> Flow:
        return Flow(lead, target, guard_of(target, self._around), port, protocol, self._answers)


def _front_family(lead: Lead, target: Target) -> Family:
    """The family of the packets at the front: what sends on in its own name may take in the other one."""
    if lead.seen_as and lead.address is not None:
        return "ipv6" if ":" in lead.address else "ipv4"
    return target.family
