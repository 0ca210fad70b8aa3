"""The values that flow through the pipeline. All frozen; none knows Azure's SDKs, a clock or a network.

    resources   Resource (one document as ARM returned it) and Snapshot (all that was read for a judgement)
    decisions   what is decided about a finding: why a repair waits (Hold) or cannot be (NoFix), its Witness
    findings    Violation, Finding and Fix; Judgement and Plan
    openings    what a rule lets in, as repairs close it and exemptions leave it alone
    fitting     makes a record fit where it is kept and told
    acknowledging  somebody has taken a finding on
    changes     what is new about a finding that people know of
    deeds       whose doing something is, as far as events and their times tell
    ascribing   who opened a finding, and who changed or ended it
    recording   a finding's record, made of a finding
    records     a finding as the ledger, the drift topic and cards have it
    own         news about the app itself, which have the shape of findings
    budget      how the writes of an hour are shared: Share and Spent
    handling    ResourceChange (what an event claims, a hint and never evidence) and Outcome

They are imported from here.
"""

from remediation.model.budget import Share, Spent, share_of
from remediation.model.decisions import Guard, Hold, NoFix, Witness
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
from remediation.model.openings import Closing, Exemption, Opening, opening_of
from remediation.model.resources import (
    Documents,
    Json,
    Listing,
    Resource,
    Snapshot,
    UndecidedError,
    Unread,
    View,
    copied,
    dig,
)

__all__ = [
    "Actor",
    "Applicability",
    "Closing",
    "Disposition",
    "Documents",
    "Ending",
    "Exemption",
    "Finding",
    "Fix",
    "Guard",
    "Hold",
    "Json",
    "Judgement",
    "Listing",
    "NoFix",
    "Opening",
    "Outcome",
    "Plan",
    "Resource",
    "ResourceChange",
    "Severity",
    "Share",
    "Snapshot",
    "Spent",
    "UndecidedError",
    "Unknown",
    "Unread",
    "View",
    "Violation",
    "Witness",
    "Write",
    "copied",
    "dig",
    "opening_of",
    "share_of",
]
