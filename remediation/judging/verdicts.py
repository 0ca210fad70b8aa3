"""What a look came to, small enough to be kept and compared: so that a round can tell that nothing differs.

Where something was found the judges count too (the baseline, the rules): the same finding may mean something
else to another baseline. Where nothing was found, nothing follows from it, whoever judged.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec

from remediation.findings import draft
from remediation.kinds import EFFECTIVE_ADMIN_RULE
from remediation.messages import Message
from remediation.model import Judgement, Resource, Snapshot, Unread
from remediation.resource_id import ResourceId

GONE = "gone"
_NEVER = datetime.min.replace(tzinfo=UTC)


def verdict_of(judgement: Judgement | None, judged_by: tuple[str, str]) -> str:
    """A digest of what the rules say; None for a resource that is gone."""
    if judgement is None:
        return GONE
    findings = [draft(finding, Message(), _NEVER, "") for finding in judgement.findings]
    unknowns = [(one.rule, one.resource.key, one.reason) for one in judgement.unknowns]
    said = msgspec.json.encode([findings, unknowns, judged_by if findings else ()], order="deterministic")
    return hashlib.sha256(said).hexdigest()[:32]


def admin_rules_in(snapshot: Snapshot) -> list[dict[str, Any]] | None:
    """The admin rules in force on a network, as its look was told; None where it did not ask."""
    network = snapshot.subject.id
    listed = snapshot.lists.get((EFFECTIVE_ADMIN_RULE, network.key))
    if listed is None or isinstance(listed, Unread):
        return None
    return [{"id": rule.id.text, "body": dict(rule.body)} for rule in listed]


def as_admin_rules(kept: list[dict[str, Any]]) -> tuple[Resource, ...]:
    """The same as the resources they were."""
    return tuple(Resource(ResourceId.parse(each["id"]), each["body"]) for each in kept)
