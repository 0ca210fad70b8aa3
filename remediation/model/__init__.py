"""The values that flow through the pipeline. All frozen; none knows Azure's SDKs, a clock or a network.

    resources   Resource (one document as ARM returned it) and Snapshot (all that was read for a judgement)
    findings    Violation, Finding and Fix; why a repair waits (Hold) or cannot be (NoFix); Plan
    handling    ResourceChange (what an event claims, a hint and never evidence) and Outcome

They are imported from here.
"""

from remediation.model.findings import (
    Applicability,
    Disposition,
    Finding,
    Fix,
    Judgement,
    Plan,
    Severity,
    Unknown,
    Violation,
    Write,
)
from remediation.model.handling import Actor, Ending, Outcome, ResourceChange
from remediation.model.resources import Json, Listing, Resource, Snapshot, UndecidedError, Unread, dig

__all__ = [
    "Actor",
    "Applicability",
    "Disposition",
    "Ending",
    "Finding",
    "Fix",
    "Json",
    "Judgement",
    "Listing",
    "Outcome",
    "Plan",
    "Resource",
    "ResourceChange",
    "Severity",
    "Snapshot",
    "UndecidedError",
    "Unknown",
    "Unread",
    "Violation",
    "Write",
    "dig",
]
