"""Functions of templates give what a table says, and the Bicep compiler says the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.templates.reader import read_template
from tests.unit.deployments.compiler import GROUP, LOCATION, SUBSCRIPTION, predicted
from tests.unit.deployments.judged import INPUTS

TABLE: dict[str, Any] = json.loads((INPUTS / "functions.json").read_text())
LATER = {  # what only a running deployment knows
    "reference(resourceId('Microsoft.Network/publicIPAddresses', 'p')).ipAddress": "ipAddress]",
    "utcNow()": "[utcNow()]",
    "listKeys(resourceId('Microsoft.Storage/storageAccounts', 's'), '2023-01-01').keys": "[listKeys(",
    "add(1, int(parameters('absent')))": "parameters('absent')",
}
NONSENSE = [
    "concat(",
    "a'b",
    "nothing()",
    "",
    "1 2",
    "concat('a'))",
    "my.unknown('x')",
    "'a'.b",
    "resourceId('x')",
]


def template(expressions: dict[str, str]) -> dict[str, Any]:
    """A template that evaluates them, with a function and a loop of its own."""
    twice = {"type": "string", "value": "[concat(parameters('text'), parameters('text'))]"}
    nested = {"type": "object", "value": {"of": "[toUpper(parameters('a'))]"}}
    members = {
        "twice": {"parameters": [{"name": "text", "type": "string"}], "output": twice},
        "nested": {"parameters": [{"name": "a", "type": "string"}], "output": nested},
    }
    turn = {"name": "[format('n{0}', copyIndex('loop'))]", "inner": "[copyIndex('loop', 10)]"}
    given = {"type": "object", "defaultValue": {"list": [{"deep": "[concat('d','e')]"}]}}
    resource = {
        "type": "Microsoft.Network/networkSecurityGroups",
        "apiVersion": "2023-11-01",
        "name": "functions",
        "location": "westeurope",
        "properties": {"values": expressions},
    }
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"given": given, "nothing": {"type": "string", "defaultValue": ""}},
        "functions": [{"namespace": "my", "members": members}],
        "variables": {"copy": [{"name": "loop", "count": 3, "input": turn}]},
        "resources": [resource],
    }


def values(document: dict[str, Any]) -> dict[str, Any]:
    target = Target(SUBSCRIPTION, GROUP, LOCATION)
    found = read_template("t.json", json.dumps(document), document, {}, target).resources[0]
    told: dict[str, Any] = found["properties"]["values"]
    return told


def numbered(expressions: list[str]) -> dict[str, str]:
    return {f"v{at}": f"[{expression}]" for at, expression in enumerate(expressions)}


def test_a_function_gives_what_the_table_says() -> None:
    assert dict(zip(TABLE, values(template(numbered(list(TABLE)))).values(), strict=True)) == TABLE


def test_the_compiler_agrees_with_the_table(tmp_path: Path) -> None:
    path = tmp_path / "functions.json"
    path.write_text(json.dumps(template(numbered(list(TABLE)))))
    (resource,) = predicted(path, {}, tmp_path, in_group=True)
    assert dict(zip(TABLE, resource["properties"]["values"].values(), strict=True)) == TABLE


@pytest.mark.parametrize("expression", LATER)
def test_what_only_a_running_deployment_knows_stays_an_expression(expression: str) -> None:
    (told,) = values(template({"v": f"[{expression}]"})).values()
    assert isinstance(told, str)
    assert told.startswith("[")
    assert LATER[expression] in told


@pytest.mark.parametrize("expression", NONSENSE)
def test_what_azure_would_refuse_is_not_known_either(expression: str) -> None:
    (told,) = values(template({"v": f"[{expression}]"})).values()
    assert isinstance(told, str)
    assert told.startswith("[")


def test_a_condition_decides_as_far_as_it_is_known() -> None:
    told = values(
        template(
            {
                "known": "[if(equals('a', 'a'), 'yes', parameters('absent'))]",
                "either": "[or(parameters('absent'), true())]",
                "open": "[if(parameters('absent'), 'yes', 'no')]",
            }
        )
    )
    assert (told["known"], told["either"]) == ("yes", True)
    assert told["open"] == "[if(parameters('absent'), 'yes', 'no')]"
