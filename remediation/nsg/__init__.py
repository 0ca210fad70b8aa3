"""Exact network security group semantics: who gets in, what a change does, and repairs that are proven.

The way through the engine, from a document to a repair:

    document                the ARM JSON as an Nsg; what cannot be read is listed and stays three-valued
    fields, rule            one rule, in every form ARM writes it; the six default rules
    spaces                  ports, addresses and the cells in which nothing changes
    context                 what is known around it: attachments, ASG members, tags, default route
    matching                what each rule certainly (`must`) and possibly (`may`) matches
    symbols                 sets of unknown content that several rules name are the same sets
    walk, outcomes          first match wins, on bitsets, for all remote addresses; all levels together
    projection, exposure    some place lets it in: verdict, public sources; `witness` makes a packet of it
    reasons, breadth        why a verdict is unknown; how much of the internet an exposure is
    flows                   is this flow allowed: for all, for some, by which rule
    comparison, difference  two NSGs as sets of flows, tags being the same unknown sets in both
    repairing               rewrites worth proving, the invariant, and the plan that passes it

Everything is pure: no I/O, no clock, no SDK. Nothing raises over the content of a document.
"""

from remediation.nsg.breadth import BroadFrom, Grade, breadth
from remediation.nsg.comparison import Traffic
from remediation.nsg.context import NSG_ALONE, Context
from remediation.nsg.difference import Difference, difference
from remediation.nsg.document import Nsg, Problem, parse
from remediation.nsg.exposure import Exposure, exposure
from remediation.nsg.flows import Decider, FlowAnswer, Flows, flow_allowed
from remediation.nsg.repairing.changes import RuleChange, apply_changes, undo
from remediation.nsg.repairing.forbidden import detected
from remediation.nsg.repairing.planner import Limits
from remediation.nsg.repairing.repair import Left, Repair, is_jit_name, plan_repair
from remediation.nsg.repairing.wording import cuts_connections
from remediation.nsg.rule import Access, Direction, SecurityRule

__all__ = [
    "NSG_ALONE",
    "Access",
    "BroadFrom",
    "Context",
    "Decider",
    "Difference",
    "Direction",
    "Exposure",
    "FlowAnswer",
    "Flows",
    "Grade",
    "Left",
    "Limits",
    "Nsg",
    "Problem",
    "Repair",
    "RuleChange",
    "SecurityRule",
    "Traffic",
    "apply_changes",
    "breadth",
    "cuts_connections",
    "detected",
    "difference",
    "exposure",
    "flow_allowed",
    "is_jit_name",
    "parse",
    "plan_repair",
    "undo",
]
