"""The templates as text: they explain themselves and give no secret away."""

import json
import re
from pathlib import Path

import pytest

from tests.unit.infra.bicep import INFRA, declarations, templates, the, walk

MODULES = INFRA / "modules"
SECRET = re.compile(
    r"listKeys|listCredentials|connectionstring|primarykey|sharedkey|password|webhookurl", re.IGNORECASE
)

each_template = pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(INFRA)))


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
        (path.parent / named).resolve()
        for path in templates()
        for named in re.findall(r"^(?:module \w+|import .* from) '([^']+)'", path.read_text(), re.MULTILINE)
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
    assert the(main, "param", "maximumInstanceCount").text.endswith("= 40")
    assert the(main, "param", "alwaysReadyInstances").text.endswith("= 0")
    assert the(main, "param", "deadLettersFromAnywhere").text.endswith("= false")


def test_every_rule_of_the_linter_is_an_error_or_off_for_a_reason() -> None:
    config = (INFRA / "bicepconfig.json").read_text()
    lines = config.splitlines()
    levels = {line: match[1] for line in lines if (match := re.search(r'"level": "(\w+)"', line))}
    assert len(levels) > 40
    assert set(levels.values()) == {"error", "off"}
    for number, line in enumerate(lines):
        if levels.get(line) == "off":
            assert lines[number - 1].strip().startswith("//"), line


def test_a_rule_that_is_set_aside_in_place_says_why() -> None:
    aside = [line for path in templates() for line in path.read_text().splitlines() if "#disable" in line]
    assert aside
    assert [line for line in aside if "//" not in line] == []


def test_every_role_given_is_named_beside_its_id() -> None:
    """A GUID alone tells a reviewer nothing."""
    for path in templates():
        for line in path.read_text().splitlines():
            if re.search(r"'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'", line):
                assert "//" in line, line
