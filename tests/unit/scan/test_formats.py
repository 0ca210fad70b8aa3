"""The table for people and SARIF for code scanning."""

import io
import json

from rich.console import Console

from remediation import baseline
from remediation.cli.output.scan_sarif import sarif
from remediation.cli.output.scan_table import show
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.estates.scanning import Scan, scan
from remediation.model import Unknown
from remediation.resource_id import ResourceId
from remediation.rules import judged_types
from tests.builders import NSG_ID, WORKSPACE, Document, a_vnet, an_nsg
from tests.unit.scan.scanned import ENFORCING, Desk, an_estate
from tests.unit.scan.test_scan import NOW

STANDARD = baseline.read(json.dumps(ENFORCING))
OPEN = "nsg-mgmt-open-to-internet"


def shown(documents: list[Document], width: int = 120) -> str:
    estate = Estate([EstateFile("estate.json", documents)])
    return printed(scan(estate, estate.subjects(judged_types()), STANDARD, NOW), width)


def printed(result: Scan, width: int = 120) -> str:
    out = io.StringIO()
    show(result, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def test_the_table_tells_who_what_and_what_happens_worst_first() -> None:
    text = shown(an_estate(logs=False))
    assert text.index("CRITICAL") < text.index("MEDIUM")
    for expected in ("rg-web", "TCP 22 can be reached from the whole internet", "the app repairs it", OPEN):
        assert expected in text
    assert "az network nic ip-config update" in text


def test_a_clean_estate_is_told_in_one_line() -> None:
    text = shown([an_nsg(subnets=())])
    assert text == "1 resource judged; nothing drifted\n"


def test_the_table_fits_a_narrow_terminal_but_for_commands_to_copy() -> None:
    text = shown(an_estate(), width=50)
    assert all(len(line) <= 50 or line.startswith((" az ", " #")) for line in text.splitlines())


def test_nothing_is_coloured_where_nobody_looks() -> None:
    assert "\x1b" not in shown(an_estate())


def test_the_shell_is_named_for_which_commands_are_and_no_shell_runs_the_remark() -> None:
    nsg = an_nsg(allow_ssh_from="*", identity=ResourceId.parse(f"{NSG_ID}&calc|x;$(y)"))
    remark = next(
        line for line in shown([nsg, *an_estate()[1:]]).splitlines() if line.startswith(" # bash, ")
    )
    assert not set("&|;$<>^%`") & set(remark)


def test_sarif_is_read_as_text_whatever_a_resource_is_called() -> None:
    """No link, no placeholder, no markup, nothing that hides or reverses what follows."""
    said = "a [link](https://evil.example/x) {0} <img src=x> \x1b[2J \u202e\u200b\nb"
    resource = ResourceId.parse(NSG_ID.text)
    log = sarif(Scan(unknowns=(Unknown("nsg-mgmt-open-to-internet", resource, said),)), [])
    (result,) = log["runs"][0]["results"]
    text = result["message"]["text"]
    assert text.isprintable()
    for trick in ("](", "{0}", "<img", "//"):
        assert trick not in text


def test_a_name_cannot_play_with_the_terminal() -> None:
    nsg = an_nsg(allow_ssh_from="*")
    nsg["properties"]["securityRules"][0]["name"] = "evil\x1b[2J\r[red]"
    text = shown([nsg])
    assert "\x1b" not in text
    assert "[red]" in text


def test_unknowns_of_one_reason_are_told_together() -> None:
    ids = [ResourceId.parse(f"{NSG_ID}{number}") for number in range(30)]
    unknowns = tuple(Unknown(OPEN, identity, "the same") for identity in ids)
    text = printed(Scan(unknowns=unknowns, evaluated=30))
    assert "and 27 more: the same" in text
    assert "30 judgements could not be made" in text


def test_many_findings_make_no_end_of_trouble() -> None:
    documents = [
        an_nsg(allow_ssh_from="*", identity=ResourceId.parse(f"{NSG_ID}{n}"), subnets=()) for n in range(50)
    ]
    assert "50 findings" in shown(documents)


# SARIF -------------------------------------------------------------------------------------------


def test_sarif_has_what_code_scanning_requires(desk: Desk) -> None:
    answer = desk.scan("--estate", desk.file(json.dumps(an_estate(logs=False), indent=2)), form="sarif")
    log = answer.document
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert 0 <= float(rule["properties"]["security-severity"]) <= 10
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note", "none"}
        assert result["message"]["text"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
        assert next(iter(result["partialFingerprints"].values()))
    assert answer.status == 1


def test_sarif_points_at_the_line_where_the_resource_stands(desk: Desk) -> None:
    text = json.dumps([a_vnet(), an_nsg(allow_ssh_from="*")], indent=2)
    log = desk.scan("--estate", desk.file(text), form="sarif").document
    (result,) = [one for one in log["runs"][0]["results"] if one["ruleId"] == OPEN]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("estate.json")
    assert text.splitlines()[place["region"]["startLine"] - 1].strip() == f'"id": "{NSG_ID}",'


def test_sarif_tells_unknown_from_failed(desk: Desk) -> None:
    log = desk.scan("--estate", desk.file([an_nsg(state="Updating")]), form="sarif").document
    results = log["runs"][0]["results"]
    assert {(one["kind"], one["level"]) for one in results} == {("open", "none")}


def test_sarif_shows_an_exemption_as_a_suppression(desk: Desk) -> None:
    exemption = {"resource": NSG_ID.text, "rule": "*", "until": "2099-01-01T00:00:00Z"}
    standard = {"version": 1, "centralWorkspaceId": WORKSPACE, "exemptions": [exemption]}
    log = desk.scan(
        "--estate", desk.file([an_nsg(allow_ssh_from="*")]), baseline=standard, form="sarif"
    ).document
    (result,) = [one for one in log["runs"][0]["results"] if one["ruleId"] == OPEN]
    assert result["suppressions"] == [
        {"kind": "external", "justification": "exempt until 2099-01-01T00:00:00Z (the baseline)"}
    ]


def test_the_level_follows_the_finding_and_not_its_rule(desk: Desk) -> None:
    """An open port that is latent is less than its rule's own severity."""
    documents = [an_nsg(allow_ssh_from="*", subnets=())]
    log = desk.scan("--estate", desk.file(documents), form="sarif").document
    (result,) = [one for one in log["runs"][0]["results"] if one["ruleId"] == OPEN]
    assert (result["properties"]["severity"], result["level"]) == ("medium", "warning")
