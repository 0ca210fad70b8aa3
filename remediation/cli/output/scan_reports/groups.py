"""Findings that say the same of many resources, told together, so that a large estate is still a page.

Alike are findings of one rule and severity with which the same happens. A few of them are told one by one;
of many the fault is told once, in the words that all of them have or else in the rule's own, with the first
names.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from remediation.model import Disposition, Finding, Severity
from remediation.resource_id import ResourceId
from remediation.rules import registry

FEW = 3
"""So many alike are still told one by one, and so many names of more."""


@dataclass(frozen=True, slots=True)
class Group:
    """One finding, or many that are alike; never empty."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def is_one(self) -> bool:
        return len(self.findings) == 1

    @property
    def message(self) -> str:
        """What is wrong, in the words of all of them, else in those of the rule."""
        said = {finding.message for finding in self.findings}
        if len(said) == 1:
            return self.first.message
        rule = registry().get(self.first.rule)
        return self.first.title if rule is None else rule.title

    @property
    def outcome(self) -> str:
        """What happens with them, in words that hold for all."""
        said = {outcome(finding) for finding in self.findings}
        if len(said) == 1:
            return said.pop()
        held = {finding.held_back_by for finding in self.findings}
        same = self.first.held_back_by if len(held) == 1 else ()
        return _WORDS[self.first.disposition] + (f" ({_held(same)})" if same else "")

    @property
    def names(self) -> str:
        shown = ", ".join(place(finding.resource) for finding in self.findings[:FEW])
        more = len(self.findings) - FEW
        return f"{shown} and {more:,} more" if more > 0 else shown


_WORDS = {
    Disposition.FIX: "automatic, the app repairs each",
    Disposition.PROPOSE: "proposed, a proven repair for each",
    Disposition.ALERT: "told, for a person to repair",
}


def grouped(findings: Iterable[Finding], few: int = FEW) -> list[Group]:
    """Groups in the order of their first finding; at most `few` alike stay apart."""
    alike: dict[tuple[Severity, str, Disposition, bool], list[Finding]] = {}
    for finding in findings:
        key = finding.severity, finding.rule, finding.disposition, finding.exempt is None
        alike.setdefault(key, []).append(finding)
    return [group for found in alike.values() for group in _groups(found, few)]


def _groups(found: Sequence[Finding], few: int) -> Iterator[Group]:
    if len(found) <= few:
        yield from (Group((finding,)) for finding in found)
    else:
        yield Group(tuple(found))


def outcome(finding: Finding) -> str:
    """What happens with a finding: automatic, proposed or told, as everywhere."""
    if finding.exempt is not None:
        return f"left alone {finding.exempt.words}"
    title = finding.fix.title if finding.fix else ""
    if finding.disposition is Disposition.FIX:
        return f"automatic, the app repairs it: {title}"
    if finding.disposition is Disposition.PROPOSE:
        return f"proposed: {title} ({_held(finding.held_back_by)})"
    told = "told, for a person to repair"
    return f"{told}: {finding.no_fix.text}" if finding.no_fix else told


def _held(reasons: Sequence[str]) -> str:
    return f"held back: {'; '.join(reasons)}"


def place(resource: ResourceId) -> str:
    """A resource's name as people say it; a child with its parent's."""
    parent = resource.parent
    return resource.name if parent is None else f"{parent.name}/{resource.name}"


def counted(findings: Sequence[Finding]) -> str:
    """`2 critical, 1 low`; empty for none."""
    counts = (
        (severity, sum(one.severity is severity for one in findings)) for severity in sorted(Severity)[::-1]
    )
    return ", ".join(f"{count:,} {severity.text}" for severity, count in counts if count)


def number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
