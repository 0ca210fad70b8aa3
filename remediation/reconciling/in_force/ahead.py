"""What is about to be written in enforce mode: the repairs that observe mode alone holds back."""

from collections import Counter
from typing import Any

from remediation.findings import FindingRecord, State
from remediation.ledger.findings_book import FindingsBook
from remediation.model import Guard, Severity
from remediation.model.decisions import GUARDS
from remediation.ports import Ledger

MOST_SHOWN = 15
_WORST_FIRST = [severity.text for severity in sorted(Severity, reverse=True)]


def repairs_ahead(ledger: Ledger) -> dict[str, Any]:
    """{count, rules: {rule: count}, shown: [{severity, rule, resource, title}]}, the worst first."""
    held = sorted(_held(ledger), key=_urgency)
    shown = [
        {
            "severity": record.severity,
            "rule": record.rule,
            "resource": record.resource,
            "title": "" if record.fix is None else record.fix.title,
        }
        for record in held[:MOST_SHOWN]
    ]
    return {"count": len(held), "rules": dict(Counter(record.rule for record in held)), "shown": shown}


def _held(ledger: Ledger) -> list[FindingRecord]:
    """Open findings with a proven repair of which nothing else says that it must wait."""
    return [
        record
        for found in FindingsBook(ledger).all()
        for record in found.records.values()
        if record.state is State.OPEN and record.evidence.get(GUARDS) == [Guard.OBSERVING.value]
    ]


def _urgency(record: FindingRecord) -> tuple[int, str, str]:
    known = record.severity in _WORST_FIRST
    return (
        _WORST_FIRST.index(record.severity) if known else len(_WORST_FIRST),
        record.rule,
        record.resource.lower(),
    )
