"""A change as SARIF 2.1.0: a scan's log, with the place of each resource in the input and what is new.

What the change brings is `new`, what it makes worse `updated`, what was there before `unchanged`, what it
ends `absent`.
"""

from typing import Any
from urllib.parse import quote

from remediation.cli.output import scan_sarif
from remediation.estates.deployments.preflight import Preflight
from remediation.estates.scanning import EVERY_RULE, Scan
from remediation.plain import plain
from remediation.resource_id import ResourceId

type Document = dict[str, Any]


def sarif(result: Preflight) -> Document:
    """The log."""
    findings = tuple(one.finding for one in result.changes)
    whole = Scan(findings, result.unknowns, result.evaluated, result.notes, result.failures)
    log = scan_sarif.sarif(whole, ())
    run = log["runs"][0]
    subjects = [*(one.resource for one in findings), *(one.resource for one in result.unknowns)]
    for told, resource in zip(run["results"], subjects, strict=True):
        _place(told, result, resource)
    for told, changed in zip(run["results"], result.changes, strict=False):
        told["baselineState"] = _STATES["worse" if changed.worse else changed.change]
        told["properties"]["change"] = changed.change
        if changed.worse:
            told["properties"]["worse"] = changed.worse
        if changed.change == "resolved":  # for readers that do not know of baselines: nothing is wrong there
            told |= {"kind": "pass", "level": "none"}
    run["results"] += [_open(where, why, result) for where, why in result.places]
    run["properties"]["effects"] = [plain(line) for line in result.effects]
    return log


_STATES = {"new": "new", "worse": "updated", "existing": "unchanged", "resolved": "absent"}


def _place(told: Document, result: Preflight, resource: ResourceId) -> None:
    """Point at the line of the input, and name the resource by its id or its address."""
    origin = result.origin(resource)
    location = told["locations"][0]
    logical = location["logicalLocations"][0]
    logical["fullyQualifiedName"] = plain(result.name(resource))
    if origin is None:
        return
    location["physicalLocation"] = {
        "artifactLocation": {"uri": quote(origin.path.replace("\\", "/"))},
        "region": {"startLine": origin.line or 1},
    }
    if origin.address:
        address = plain(origin.address)
        location["logicalLocations"].append(
            {"name": address, "fullyQualifiedName": address, "kind": "declaration"}
        )


def _open(where: str, why: str, result: Preflight) -> Document:
    """What is not known of a place that has no id."""
    path = next((origin.path for origin in result.origins.values()), where)
    message = scan_sarif.harmless(why)
    return {
        "kind": "open",
        "level": "none",
        "message": {"text": message},
        "properties": {"rule": EVERY_RULE},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(path.replace("\\", "/"))},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {"name": plain(where), "fullyQualifiedName": plain(where), "kind": "resource"}
                ],
            }
        ],
    }
