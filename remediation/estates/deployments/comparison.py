"""What a change brings, what was there before it, and what it ends: two scans held against each other.

New is also what gets worse: a higher severity, more sources, ports or machines than before. What cannot be
judged after the change is not resolved, however clear it was before.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from remediation.estates.scanning import EVERY_RULE, Scan
from remediation.model import Finding
from remediation.nsg.spaces.addresses import parse_addresses
from remediation.nsg.spaces.sets import covers, from_pairs

type Change = Literal["new", "existing", "resolved"]

# Evidence that says how far a finding reaches: lists of which more is worse, and numbers that grow.
_SOURCES = frozenset({"publicSources", "sources", "addressPrefixes"})
_LISTS: Mapping[str, str] = {
    "ports": "more ports",
    "openPorts": "more ports",
    "frontPorts": "more ports",
    "listeners": "more listeners",
    "unknownSources": "more sources",
    "waysIn": "more ways in",
    "machines": "more machines",
    "attachments": "more attachments",
    "networkInterfaces": "more machines",
    "instances": "more machines",
    "pools": "more pools",
    "unreachedNetworks": "more networks",
    "blocked": "more that is blocked",
    "subnets": "more subnets",
    "openToTheInternet": "more that is open",
    "features": "more features",
    "faults": "more faults",
    "routes": "more routes",
}
_NUMBERS: Mapping[str, str] = {"publicShare": "more of the internet", "machines": "more machines"}


@dataclass(frozen=True, slots=True)
class Changed:
    """A finding with what the change does to it; `worse` says how, where it was there before."""

    finding: Finding
    change: Change
    worse: str = ""


def compared(before: Scan, after: Scan) -> tuple[Changed, ...]:
    """Every finding of both scans, those after the change in their order, then what is resolved."""
    old = _by_key(before.findings)
    told = [_held(finding, old) for finding in after.findings]
    return (*told, *_resolved(old, after))


def _by_key(findings: Sequence[Finding]) -> dict[tuple[str, str], list[Finding]]:
    found: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding.key].append(finding)
    return dict(found)


def _held(finding: Finding, old: Mapping[tuple[str, str], list[Finding]]) -> Changed:
    """A finding against those of the same rule and resource: the one most like it counts."""
    earlier = old.get(finding.key)
    if not earlier:
        return Changed(finding, "new")
    worse = min((_worse(one, finding) for one in earlier), key=len)
    return Changed(finding, "new" if worse else "existing", ", ".join(worse))


def _worse(before: Finding, after: Finding) -> list[str]:
    """In what a finding is worse than before; empty where it is not."""
    found = []
    if after.severity > before.severity:
        found.append(f"{before.severity.text} before")
    was, now = before.evidence, after.evidence
    for key, value in now.items():
        found += _grown(key, was.get(key), value)
    return list(dict.fromkeys(found))


def _grown(key: str, was: Any, now: Any) -> Iterator[str]:
    if isinstance(now, int | float) and not isinstance(now, bool):
        if key in _NUMBERS and isinstance(was, int | float) and now > was:
            yield _NUMBERS[key]
    elif key in _SOURCES and isinstance(now, list):
        if not _covered(was if isinstance(was, list) else [], now):
            yield "more sources"
    elif key in _LISTS and isinstance(now, list):
        known = [_told(one) for one in was] if isinstance(was, list) else []
        if any(_told(one) not in known for one in now):
            yield _LISTS[key]


def _told(value: Any) -> str:
    return repr(value).lower()


def _covered(was: Sequence[Any], now: Sequence[Any]) -> bool:
    """Whether all sources of now are among those of before."""
    left = [one for one in now if one not in was]
    spans = [parse_addresses(str(one)) for one in left]
    wide = from_pairs(span for one in was if (span := parse_addresses(str(one))))
    return all(span is not None and covers(wide, from_pairs([span])) for span in spans)


def _resolved(old: Mapping[tuple[str, str], list[Finding]], after: Scan) -> Iterator[Changed]:
    still = {finding.key for finding in after.findings}
    doubtful = {(one.rule, one.resource.key) for one in after.unknowns}
    for (rule, resource), findings in old.items():
        unclear = (rule, resource) in doubtful or (EVERY_RULE, resource) in doubtful
        if (rule, resource) not in still and not unclear:
            yield from (Changed(finding, "resolved") for finding in findings)
