"""Exact network security group semantics: who gets in, what a change does, and repairs that are proven."""

from remediation.nsg.breadth import BroadFrom, Grade, breadth
from remediation.nsg.changes import RuleChange, apply_changes, undo
from remediation.nsg.comparison import Traffic
from remediation.nsg.context import NSG_ALONE, Context
from remediation.nsg.difference import Difference, difference
from remediation.nsg.document import Nsg, Problem, parse
from remediation.nsg.exposure import Exposure, exposure
from remediation.nsg.flows import Decider, FlowAnswer, flow_allowed
from remediation.nsg.repair import Limits, Repair, Unprovable, detected, is_jit_name, plan_repair
from remediation.nsg.rule import Access, Direction, Rule
from remediation.nsg.witness import Witness

__all__ = [
    "NSG_ALONE", "Access", "BroadFrom", "Context", "Decider", "Difference", "Direction", "Exposure", "FlowAnswer",
    "Grade", "Limits", "Nsg", "Problem", "Repair", "Rule", "RuleChange", "Traffic", "Unprovable", "Witness",
    "apply_changes", "breadth", "detected", "difference", "exposure", "flow_allowed", "is_jit_name", "parse",
    "plan_repair", "undo",
]  # fmt: skip
