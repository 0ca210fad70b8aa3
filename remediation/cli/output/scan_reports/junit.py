"""A scan as JUnit XML, for pipelines that show test results and nothing else.

A suite for each rule that said something. A finding that makes the command exit 1 is a failure, a lesser one
is skipped with its severity, an unknown one is skipped, or an error where unknowns count. One test case more
says how much was judged, so that a scan which judged nothing is red and not an empty report. XML has no place
for control characters: whatever would hide or steer shows as a question mark.
"""

from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree as ET

from remediation.cli.output.scan_reports.groups import number, outcome
from remediation.estates.scanning import EVERY_RULE, Scan
from remediation.model import Finding, Severity, Unknown
from remediation.plain import plain

NAME = "Bastion Guard"


def junit(result: Scan, now: datetime, threshold: Severity | None, *, unknown_fails: bool) -> str:
    """The document; `threshold` is the severity from which findings fail, None for never."""
    suites: dict[str, list[ET.Element]] = {NAME: [_judged(result)]}
    for finding in result.findings:
        suites.setdefault(finding.rule, []).append(_finding(finding, threshold))
    for unknown in result.unknowns:
        name = NAME if unknown.rule == EVERY_RULE else unknown.rule
        suites.setdefault(name, []).append(_unknown(unknown, fails=unknown_fails))
    root = ET.Element(
        "testsuites", {"name": NAME, **_counts([one for each in suites.values() for one in each])}
    )
    for name, cases in suites.items():
        at = {"name": plain(name), "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}", **_counts(cases)}
        ET.SubElement(root, "testsuite", at).extend(cases)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _counts(cases: list[ET.Element]) -> dict[str, str]:
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    found = {plural: sum(case.find(kind) is not None for case in cases) for plural, kind in kinds.items()}
    return {"tests": str(len(cases)), **{name: str(count) for name, count in found.items()}, "time": "0"}


def _judged(result: Scan) -> ET.Element:
    case = _case(NAME, f"{number(result.evaluated, 'resource')} judged")
    if not (result.evaluated or result.findings):
        said = "nothing was judged: no rule could say anything about what was given"
        ET.SubElement(case, "error", {"message": said, "type": "unknown"})
    return case


def _case(rule: str, name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": plain(rule), "name": plain(name), "time": "0"})


def _finding(finding: Finding, threshold: Severity | None) -> ET.Element:
    case = _case(finding.rule, finding.resource.text)
    said = {"message": plain(f"{finding.severity.text}: {finding.message}")}
    if threshold is None or finding.severity < threshold:
        ET.SubElement(case, "skipped", said)
    else:
        failure = ET.SubElement(case, "failure", {**said, "type": finding.severity.text})
        failure.text = "\n".join(_lines(finding))
    return case


def _lines(finding: Finding) -> Iterator[str]:
    yield plain(finding.message)
    yield plain(outcome(finding))
    yield from map(plain, finding.by_hand)


def _unknown(unknown: Unknown, *, fails: bool) -> ET.Element:
    case = _case(NAME if unknown.rule == EVERY_RULE else unknown.rule, unknown.resource.text)
    attributes = {"message": plain(f"not known: {unknown.reason}")}
    ET.SubElement(case, "error" if fails else "skipped", attributes | ({"type": "unknown"} if fails else {}))
    return case
