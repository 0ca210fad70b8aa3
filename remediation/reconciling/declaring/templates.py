"""Findings of the guidance whose cause stands in a declaration: told with whose word it is, and left alone.

A repair that would write against what a deployer declared would be undone by the next deployment, and made
again: it is offered, and the template has to change. What nobody declared is repaired as ever.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from remediation.declared.comparison import compare
from remediation.declared.declaration import Declaration
from remediation.declared.words import declared_in, place
from remediation.judging.prediction import after
from remediation.kinds import SECURITY_RULE
from remediation.model import Finding, Resource, Snapshot, Write
from remediation.reconciling.declaring.attending import Word, live_of

UNDER_WAY = "a deployment is under way: what it has written was not read yet"


@dataclass(frozen=True, slots=True)
class Against:
    """A word that a write would go against, None: not read yet; it holds `until` then, None: for good."""

    declaration: Declaration | None
    until: datetime | None = None

    @property
    def reason(self) -> tuple[str, datetime | None]:
        """Why the write waits."""
        return (UNDER_WAY if self.declaration is None else in_words(self.declaration)), self.until


type Trust = Callable[[Declaration], Against | None]
"""Whether a word may hold a repair back, and until when; None where it may not."""


def against(
    finding: Finding, words: Sequence[Word], snapshot: Snapshot, trust: Trust
) -> Mapping[str, Against]:
    """What of a finding's writes would go against a word that is to be trusted.

    By the name of the opening that a write closes, "" for a finding that is closed as a whole.
    """
    found: dict[str, Against] = {}
    for write in finding.fix.writes if finding.fix else ():
        opening = finding.fix.part_of(write) if finding.fix else None
        for word in words:
            if not (_speaks_of(word, write) and _contradicts(word, write, snapshot)):
                continue
            held = Against(None) if word.declaration is None else trust(word.declaration)
            if held is not None:
                found[opening.rule if opening else ""] = held
    return found


def says_so(finding: Finding, declaration: Declaration | None) -> Finding:
    """The finding, with whose template says so."""
    if declaration is None or "declaredIn" in finding.evidence:
        return finding
    source = declaration.source
    message = f"{finding.message}; {in_words(declaration)}"
    by = {"declaredBy": source.name}
    return replace(
        finding, message=message, evidence={**finding.evidence, **by, "declaredIn": declared_in(source)}
    )


def in_words(declaration: Declaration) -> str:
    """Whose template says so. It is the same with each deployment, which is no news."""
    source = declaration.source
    if source.sort == "deployment":
        return f"your template says so, which {source.by or 'a pipeline'} deployed"
    return f"your template says so: {place(source)}".rstrip(",")


def _speaks_of(word: Word, write: Write) -> bool:
    above = write.id.parent if write.id.type == SECURITY_RULE else write.id
    return above == word.id


def _contradicts(word: Word, write: Write, snapshot: Snapshot) -> bool:
    """Whether something would differ from the word after a write that does not now."""
    if word.declaration is None:
        return True
    if write.id.type == SECURITY_RULE:
        return write.id.name.lower() in _as_declared(word)
    predicted = live_of(word.id, snapshot.subject.id, after(snapshot, [write]))
    there = predicted if isinstance(predicted, Resource) else None
    known = {one.path for one in word.differences}
    return any(one.path not in known for one in compare(word.declaration, there))


def _as_declared(word: Word) -> set[str]:
    """Rules that are as they were declared, by their lower-cased names."""
    assert word.declaration is not None
    differing = {one.parts[1].lower() for one in word.differences if len(one.parts) > 1}
    return set(_declared_rules(word.declaration)) - differing


def _declared_rules(declaration: Declaration) -> Iterator[str]:
    rules = (declaration.document.get("properties") or {}).get("securityRules")
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, Mapping):
            yield str(rule.get("name", "")).lower()
