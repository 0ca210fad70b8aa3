"""Which findings are asked for, and where a page goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remediation.findings import FindingRecord, State
from remediation.ledger.outstanding import is_key
from remediation.model import Severity
from remediation.on_call.listing.identity import parts_of
from remediation.on_call.request_fields import Fields
from remediation.resource_id import ResourceId

USUAL, MOST = 100, 500
KEYS = frozenset({"state", "severity", "rule", "owner", "subscription", "limit", "next"})
STATES = frozenset({*State, "all"})
SEVERITIES = frozenset(severity.text for severity in Severity)


@dataclass(frozen=True, slots=True)
class Asked:
    """Findings that meet everything given; "" asks for all. `after` is where the page before ended."""

    state: str = State.OPEN.value
    severity: str = ""
    rule: str = ""
    owner: str = ""
    subscription: str = ""
    limit: int = USUAL
    after: str = ""

    def meets(self, record: FindingRecord) -> bool:
        """Whether a finding is among them; names compare without case."""
        return (
            self.state in {"all", record.state}
            and self.severity in {"", record.severity}
            and self.rule in {"", record.rule}
            and self.owner.lower() in {"", record.owner.lower()}
            and (not self.subscription or self._is_of(record.resource))
        )

    def continues(self, after: str) -> bool:
        """Whether a page can go on behind that: open findings go by how bad they are, all others by id."""
        if self.state == State.OPEN:
            return is_key(after)
        return parts_of(after) is not None

    def _is_of(self, resource: str) -> bool:
        return ResourceId.parse(resource).subscription == self.subscription.lower()


def read(values: Mapping[str, Any]) -> Asked:
    """What is asked for, from options; raises InputError with every mistake, each with its key."""
    fields = Fields(values, KEYS)
    asked = Asked(
        state=fields.one_of("state", STATES) or State.OPEN.value,
        severity=fields.one_of("severity", SEVERITIES),
        rule=fields.text("rule"),
        owner=fields.text("owner"),
        subscription=fields.text("subscription"),
        limit=fields.count("limit", USUAL, MOST),
        after=fields.text("next"),
    )
    if asked.after and not asked.continues(asked.after):
        fields.wrong("next", "not the `next` of a page that was asked for like this")
    fields.finish()
    return asked
