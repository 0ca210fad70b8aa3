"""A scan as SARIF 2.1.0, for code-scanning tools.

A finding is a result of kind ``fail``, an unknown one of kind ``open`` (the standard's word for insufficient
information to decide), an exemption a suppression. Results point at the line of the estate file where the
resource stands, and name the resource as a logical location, which is all there is in a live scan.
"""

import hashlib
import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from remediation.declared.rule import DECLARED_DRIFT
from remediation.estates.scanning import EVERY_RULE, Scan
from remediation.landing_zone.commands import SHELL
from remediation.model import Finding, Severity, Unknown
from remediation.plain import plain
from remediation.resource_id import ResourceId
from remediation.rule import Rule
from remediation.rules import registry

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# What GitHub sorts by, on the scale of CVSS.
SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.0",
}

_ID = re.compile(r'"id"\s*:\s*"([^"]+)"')

_TAKEN_APART = (
    (re.compile(r"\](?=\()"), "] "),  # [text](target): an embedded link
    (re.compile(r"\{(?=\d)"), "{ "),  # {0}: a placeholder
    (re.compile(r"(?<=:)/(?=/)"), "/ "),  # https://...: what a viewer turns into a link by itself
    (re.compile(r"<(?=[A-Za-z/!])"), "\u2039"),
)

type Document = dict[str, Any]


def sarif(result: Scan, paths: Sequence[str]) -> Document:
    """The log; `paths` are the estate files, none for a live scan."""
    told = {one.rule for one in result.findings} | {one.rule for one in result.unknowns}
    beside = [DECLARED_DRIFT] if DECLARED_DRIFT.id in told else []
    rules = [*registry().values(), *beside]
    index = {rule.id: number for number, rule in enumerate(rules)}
    subjects = [finding.resource.key for finding in result.findings]
    lines = _Lines(paths, [*subjects, *(unknown.resource.key for unknown in result.unknowns)])
    run = {
        "tool": {
            "driver": {
                "name": "Bastion Guard",
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_finding(finding, index, lines) for finding in result.findings),
            *(_unknown(unknown, index, lines) for unknown in result.unknowns),
        ],
        "invocations": [{"executionSuccessful": not result.failures}],
        "properties": {"evaluated": result.evaluated},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Document:
    text = inspect.cleandoc(rule.documentation)
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": text.partition("\n")[0] or rule.title},
        "help": {"text": text or rule.title},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", "azure", *rule.guidance],
            "security-severity": SCORES[rule.severity],
        },
    }


def _finding(finding: Finding, index: Mapping[str, int], lines: "_Lines") -> Document:
    found: Document = {
        **_result(finding.rule, finding.resource, index, lines),
        "kind": "fail",
        "level": LEVELS[finding.severity],
        "message": {"text": harmless(finding.message)},
        "properties": {
            "severity": finding.severity.text,
            "disposition": finding.disposition.value,
            "guidance": list(finding.guidance),
            "evidence": _told(finding.shown_evidence()),
            "shell": SHELL,
            "commands": list(finding.by_hand),
        },
    }
    if finding.exempt is not None:
        why = plain(f"exempt {finding.exempt.words}")
        found["suppressions"] = [{"kind": "external", "justification": why}]
    return found


def _unknown(unknown: Unknown, index: Mapping[str, int], lines: "_Lines") -> Document:
    return {
        **_result(unknown.rule, unknown.resource, index, lines),
        "kind": "open",
        "level": "none",
        "message": {"text": harmless(unknown.reason)},
    }


def harmless(text: str) -> str:
    """A message of which nothing is a link, a placeholder or markup to whoever shows it."""
    line = plain(text)
    for pattern, replacement in _TAKEN_APART:
        line = pattern.sub(replacement, line)
    return line


def _told(value: Any) -> Any:
    """Evidence without characters that hide or reverse what is around them."""
    if isinstance(value, Mapping):
        return {plain(key): _told(item) for key, item in value.items()}
    if isinstance(value, str):
        return plain(value)
    return [_told(item) for item in value] if isinstance(value, list | tuple) else value


def _result(rule: str, resource: ResourceId, index: Mapping[str, int], lines: "_Lines") -> Document:
    named: Document = {} if rule == EVERY_RULE else {"ruleId": rule, "ruleIndex": index[rule]}
    fingerprint = hashlib.sha256(f"{rule} {resource.key}".encode()).hexdigest()
    return {
        **named,
        "locations": [lines.location(resource)],
        "partialFingerprints": {"ruleAndResource/v1": fingerprint},
    }


class _Lines:
    """Where resources stand in the files they came from."""

    def __init__(self, paths: Sequence[str], subjects: Iterable[str]) -> None:
        self._found: dict[str, tuple[str, int]] = {}
        wanted = set(subjects)
        for path in paths:
            self._search(path, wanted)

    def location(self, resource: ResourceId) -> Document:
        path, line = self._found.get(resource.key, (resource.text.lstrip("/"), 1))
        return {
            "physicalLocation": {
                "artifactLocation": {"uri": quote(path.replace("\\", "/"))},
                "region": {"startLine": line},
            },
            "logicalLocations": [
                {
                    "name": plain(resource.name),
                    "fullyQualifiedName": plain(resource.text),
                    "kind": "resource",
                }
            ],
        }

    def _search(self, path: str, wanted: set[str]) -> None:
        """A resource's own id is the least indented of the places where its id stands."""
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):  # standard input, or another encoding: no line is known
            return
        depth: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            for match in _ID.finditer(line):
                identity = match.group(1).lower()
                if identity in wanted and match.start() < depth.get(identity, match.start() + 1):
                    depth[identity] = match.start()
                    self._found[identity] = path, number
