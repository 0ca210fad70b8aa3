"""The templates by themselves: they parse, explain themselves and give no secret away."""

import json
import re
from pathlib import Path

import pytest

from tests.unit.infra.bicep import INFRA, ROOT, declarations, errors, strings, templates, the, walk

MODULES = INFRA / "modules"
SECRET = re.compile(
    r"listKeys|listCredentials|connectionstring|primarykey|sharedkey|password|webhookurl", re.IGNORECASE
)

each_template = pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(INFRA)))


@each_template
def test_a_template_parses(path: Path) -> None:
    assert errors(path) == []


@each_template
def test_every_parameter_and_output_says_what_it_is(path: Path) -> None:
    told = declarations(path, "param") + declarations(path, "output")
    silent = [each.name for each in told if len(str(each.decorators.get("description", ""))) < 10]
    assert silent == []


@each_template
def test_no_output_holds_a_secret(path: Path) -> None:
    """Outputs are kept in the deployment's history, where every reader of the group sees them."""
    hidden = {each.name for each in declarations(path, "param") if "secure" in each.decorators}
    hidden |= {each.name for each in declarations(path, "resource") if "/secrets@" in each.of}
    for output in declarations(path, "output"):
        assert not SECRET.search(output.text), output.name
        named = {(node.text or b"").decode() for node in walk(output.node) if node.type == "identifier"}
        assert not hidden & named, output.name


@each_template
def test_a_parameter_that_is_a_secret_is_secure_and_has_no_default(path: Path) -> None:
    for parameter in declarations(path, "param"):
        if SECRET.search(parameter.name) and " string" in parameter.text:
            assert "secure" in parameter.decorators, parameter.name
            assert parameter.text.endswith((" string", "= ''")), parameter.text


@each_template
def test_no_key_of_an_account_is_ever_fetched(path: Path) -> None:
    assert not re.search(r"listKeys|listAccountSas|\.keys\b", path.read_text(), re.IGNORECASE)


@each_template
def test_a_module_gets_exactly_the_parameters_it_asks_for(path: Path) -> None:
    for module in declarations(path, "module"):
        asked = declarations(path.parent / module.of, "param")
        required = {each.name for each in asked if "=" not in {node.type for node in walk(each.node)}}
        given = set(module.body["params"])
        assert required <= given <= {each.name for each in asked}, module.name


@each_template
def test_whatever_is_declared_is_used(path: Path) -> None:
    text = path.read_text()
    for each in declarations(path, "param") + declarations(path, "var"):
        assert len(re.findall(rf"\b{each.name}\b", text)) > 1, each.name


@each_template
def test_files_that_are_loaded_exist(path: Path) -> None:
    for named in re.findall(r"load(?:Json|Text)Content\('([^']+)'\)", path.read_text()):
        assert (path.parent / named).is_file(), named


def test_every_module_is_used() -> None:
    used = {
        (path.parent / module.of).resolve() for path in templates() for module in declarations(path, "module")
    }
    assert {path.resolve() for path in MODULES.glob("*.bicep")} == used


def test_the_parameters_file_names_parameters_of_the_main_template() -> None:
    named = json.loads((INFRA / "main.parameters.json").read_text())["parameters"]
    known = {each.name for each in declarations(INFRA / "main.bicep", "param")}
    assert set(named) <= known


def test_defaults_are_the_safe_ones() -> None:
    """A deployment that nobody configured observes, and is small."""
    main = INFRA / "main.bicep"
    assert the(main, "param", "mayFix").text.endswith("= false")
    assert the(main, "param", "baseline").text.endswith("= ''")
    assert the(main, "param", "deadLetterWithIdentity").text.endswith("= false")
    assert the(main, "param", "maximumInstanceCount").text.endswith("= 40")


def test_what_a_parameter_decides_for_the_dead_letters_is_shut_by_default() -> None:
    """The one account with a key; what holds without exception for it and the rest is in test_security.py."""
    letters = the(MODULES / "dead_letters.bicep", "resource", "account").body["properties"]
    assert letters["networkAcls"]["defaultAction"] == "fromAnywhere ? 'Allow' : 'Deny'"
    assert the(INFRA / "main.bicep", "param", "deadLettersFromAnywhere").text.endswith("= false")
    assert letters["allowSharedKeyAccess"] == "allowSharedKey"
    assert the(MODULES / "app.bicep", "module", "deadLetters").body["params"]["allowSharedKey"] == (
        "!deadLetterWithIdentity"
    )


def test_dead_letters_and_logs_are_kept_as_long_as_configured_and_no_longer() -> None:
    """Both hold the names of people."""
    rules = the(MODULES / "dead_letters.bicep", "resource", "lifecycle").body["properties"]["policy"]["rules"]
    deleted = rules[0]["definition"]["actions"]["baseBlob"]["delete"]
    assert deleted == {"daysAfterModificationGreaterThan": "retentionDays"}
    tables = the(MODULES / "monitoring.bicep", "resource", "tables")
    assert tables.body["properties"]["totalRetentionInDays"] == "retentionDays"
    asked = re.findall(r"\bApp[A-Z]\w+", (MODULES / "alerts.bicep").read_text())
    asked += re.findall(r"\bApp[A-Z]\w+", (INFRA / "workbook.json").read_text())
    assert {*asked, "AppExceptions"} - {"AppTraces", "AppRequests"} == {"AppExceptions"}
    assert {*asked, "AppExceptions"} <= set(strings(tables.node))


def test_the_app_runs_on_flex_consumption_with_the_python_it_is_tested_on() -> None:
    site = the(MODULES / "functions.bicep", "resource", "site").body["properties"]["functionAppConfig"]
    assert site["runtime"] == {"name": "python", "version": (ROOT / ".python-version").read_text().strip()}
    assert site["deployment"]["storage"]["authentication"]["type"] == "UserAssignedIdentity"
    assert the(MODULES / "functions.bicep", "resource", "plan").body["sku"]["name"] == "FC1"


def test_every_role_given_is_named_beside_its_id() -> None:
    """A GUID alone tells a reviewer nothing."""
    for path in templates():
        for line in path.read_text().splitlines():
            if re.search(r"'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'", line):
                assert "//" in line, line


def test_nobody_but_the_app_and_the_topics_is_given_a_role() -> None:
    given = {
        str(each.body["properties"]["principalId"])
        for path in templates()
        for each in declarations(path, "resource")
        if each.of.startswith("Microsoft.Authorization/roleAssignments")
    }
    assert given == {"principalId", "topic.identity.principalId"}
