"""Templates evaluated here hold what the Bicep compiler predicts of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from remediation.estates.deployments.answers import answer
from remediation.estates.deployments.documents import Documents
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.templates.reader import parameters_of, read_template
from tests.unit.deployments.compiler import GROUP, LOCATION, SUBSCRIPTION, predicted
from tests.unit.deployments.judged import INPUTS

FARM = parameters_of("farm", json.loads((INPUTS / "template-web-farm.parameters.json").read_text()))
TEMPLATES: dict[str, dict[str, Any]] = {
    "template-jump-host.json": {"adminUsername": "ops", "adminPassword": "[parameters('adminPassword')]"},
    "template-web-farm.json": FARM,
    "template-hub.json": {},
    "template-maybe.json": {"debug": True, "admin": "20.0.0.1", "rules": "[parameters('rules')]"},
    "template-complete.json": {},
    "template-children.json": {},
}
FOR_SUBSCRIPTION = {"template-hub.json", "template-complete.json"}
SECRETS = {"adminPassword", "rules"}  # the compiler keeps their values to itself
OURS, THEIRS = {"id", "name"}, {"id", "name", "scope", "resourceGroup", "subscriptionId", "dependsOn"}
TARGET = Target(SUBSCRIPTION, GROUP, LOCATION)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_evaluated_as_the_compiler_does(name: str, tmp_path: Path) -> None:
    """References that the compiler leaves are answered on both sides, where the template holds the answer."""
    values = TEMPLATES[name]
    dummies = {key: {"inbound": []} if key == "rules" else "secret" for key in values if key in SECRETS}
    given = {key: value for key, value in values.items() if key not in SECRETS}
    told = predicted(INPUTS / name, given | dummies, tmp_path, in_group=name not in FOR_SUBSCRIPTION)
    text = (INPUTS / name).read_text()
    ours = read_template(name, text, json.loads(text), given, TARGET).resources
    assert by_id(ours, OURS) == by_id(told, THEIRS)


def by_id(documents: list[dict[str, Any]], without: set[str]) -> dict[str, dict[str, Any]]:
    """Documents by lower-cased id, references answered from each other."""
    answer(documents, Documents(documents).find, TARGET)
    return {
        str(document["id"]).lower(): {key: value for key, value in document.items() if key not in without}
        for document in documents
    }
