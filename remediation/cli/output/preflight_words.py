"""A change in words, for the table and for a pull request alike: one line each, made harmless."""

from collections import defaultdict
from collections.abc import Sequence

from remediation.cli.output.scan_reports.groups import place
from remediation.estates.deployments.preflight import Preflight
from remediation.estates.scanning import EVERY_RULE
from remediation.model import Severity
from remediation.plain import clipped, plain
from remediation.resource_id import ResourceId

MOST_REASONS = 12
MOST_NAMES = 3
LONGEST_REASON = 400


def where(result: Preflight, resource: ResourceId) -> str:
    """`nsg-web (main.json:42)`; a resource without an id by its address."""
    origin = result.origin(resource)
    named = result.named.get(resource.key)
    name = plain(named or place(resource))
    if origin is None:
        return name
    line = f":{origin.line}" if origin.line else ""
    address = f", {plain(origin.address)}" if not line and origin.address and not named else ""
    return f"{name} ({plain(origin.path)}{line}{address})"


def reasons(result: Preflight) -> list[str]:
    """What is not known, by reason, with the names of whom it concerns; what concerns most comes first."""
    names: defaultdict[str, dict[str, None]] = defaultdict(dict)
    rules: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for unknown in result.unknowns:
        name = result.named.get(unknown.resource.key) or place(unknown.resource)
        names[unknown.reason][name] = None
        rules[unknown.reason][unknown.rule] = None
    for where_, reason in result.places:
        names[reason][where_] = None
    ordered = sorted(names, key=lambda reason: (-len(names[reason]), reason))
    return [_reason(reason, list(names[reason]), list(rules[reason])) for reason in ordered]


def _reason(reason: str, names: Sequence[str], rules: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    asked = [rule for rule in rules if rule != EVERY_RULE]
    about = f"{asked[0]}: " if len(asked) == 1 else ""
    several = f" ({len(asked)} rules)" if len(asked) > 1 else ""
    return plain(f"{about}{shown}{more}: {clipped(reason, LONGEST_REASON)}{several}")


def summary(result: Preflight) -> str:
    """One line: what is new, what was there, what ends, what is not known."""
    new = [one.finding for one in result.changes if one.change == "new"]
    counts = [
        f"{number} {severity.text}"
        for severity in sorted(Severity, reverse=True)
        if (number := sum(one.severity is severity for one in new))
    ]
    parts = [f"{count(len(new), 'new finding')}: {', '.join(counts)}" if new else "nothing new"]
    for change in ("existing", "resolved"):
        number = sum(one.change == change for one in result.changes)
        if number:
            parts.append(f"{number} {change}")
    unknown = len(result.unknowns) + len(result.places)
    if unknown:
        parts.append(f"{count(unknown, 'judgement')} could not be made")
    return f"{count(result.evaluated, 'resource')} judged; {'; '.join(parts)}"


def count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
