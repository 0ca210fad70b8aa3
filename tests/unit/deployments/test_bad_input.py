"""What is wrong with an input is one line on stderr and exit 2, whatever the input is; never a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.deployments.judged import INPUTS, preflight

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
WAYS_IN = ("--what-if", "--snapshot", "--template", "--terraform-plan")
WRONG = {
    "no JSON": ("--template", b"{", "not JSON"),
    "another file": ("--template", b'{"a": 1}', "not an ARM template"),
    "a snapshot as a result": ("--what-if", b'{"predictedResources": []}', "not a what-if result"),
    "a pretty result": ("--what-if", b"Resource and property changes are indicated", "not JSON"),
    "a template as a snapshot": ("--snapshot", b'{"resources": []}', "not a Bicep snapshot"),
    "a state as a plan": ("--terraform-plan", b'{"values": {}}', "a state, not a plan"),
    "a binary plan": ("--terraform-plan", b"PK\x03\x04\xff", "not"),
    "a plan in errors": (
        "--terraform-plan",
        b'{"resource_changes": [], "errored": true}',
        "was not finished",
    ),
    "a result that failed": (
        "--what-if",
        b'{"changes": [], "error": {"code": "InvalidTemplate", "message": "no"}}',
        "InvalidTemplate",
    ),
}
TOGETHER = {
    "two inputs": ("--what-if", "a", "--template", "b"),
    "none": (),
    "parameters without a template": ("--snapshot", "snapshot-web.json", "--parameters", "b"),
    "an estate and a subscription": ("--template", "template-hub.json", "--estate", "a", "--live", "b"),
    "no subscription": ("--template", "template-hub.json", "--subscription", "mine"),
    "no live subscription": ("--template", "template-hub.json", "--live", "mine"),
    "no severity": ("--template", "template-hub.json", "--fail-on", "awful"),
    "no such file": ("--template", "absent.json"),
    "no such parameters": ("--template", "template-hub.json", "--parameters", "absent.json"),
    "no such baseline": ("--template", "template-hub.json", "--baseline", "absent.yaml"),
    "no such estate": ("--template", "template-hub.json", "--estate", "absent.json"),
    "open world without an estate": ("--template", "template-hub.json", "--open-world", "a/b"),
    "standard input twice": ("--template", "-", "--estate", "-"),
    "no name of a group": ("--template", "template-hub.json", "--resource-group", "a/b"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_of_another_kind_is_refused_with_what_it_is(case: str, tmp_path: Path) -> None:
    option, content, said = WRONG[case]
    path = tmp_path / "input.json"
    path.write_bytes(content)
    told = preflight(option, path)
    assert (told.status, told.output) == (2, "")
    assert said in told.errors
    assert all(line.startswith("remediation: ") for line in told.errors.splitlines())


@pytest.mark.parametrize("case", TOGETHER)
def test_options_that_do_not_go_together_are_refused(case: str) -> None:
    assert status_of(TOGETHER[case]) == 2


def status_of(arguments: tuple[str, ...]) -> int | str | None:
    """How a run ends, by the parser's word or by ours."""
    try:
        return preflight(*arguments).status
    except SystemExit as refused:
        return refused.code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATCHES = st.tuples(st.integers(0, 400), JSON)


@given(st.sampled_from(sorted(path.name for path in INPUTS.glob("*-*.json"))), st.lists(PATCHES, max_size=4))
def test_an_input_with_anything_in_it_ends_without_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, name: str, patches: list[tuple[int, Any]]
) -> None:
    """Any value of a good input replaced by anything: an answer, or a line; a rule that fails is told."""
    document = json.loads((INPUTS / name).read_text())
    for place, value in patches:
        document = replaced(document, [place], value)
    path = tmp_path_factory.mktemp("any") / "input.json"
    path.write_text(json.dumps(document))
    kind = name.partition("-")[0]
    option = {"what": "--what-if", "plan": "--terraform-plan"}.get(kind, f"--{kind}")
    if option in WAYS_IN:
        told = preflight(option, path, "--fail-on", "never")
        assert told.status in {0, 2, 3}
        assert "Error" not in told.errors.replace("InputError", "")


def replaced(value: Any, left: list[int], other: Any) -> Any:
    """The value with its `left`-th part replaced, counted from the top."""
    if left[0] == 0:
        left[0] = -1
        return other
    left[0] -= 1
    if isinstance(value, dict):
        return {key: replaced(member, left, other) for key, member in value.items()}
    return [replaced(one, left, other) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "expression",
    [
        "[variables('a')]",
        "[concat(variables('a'), variables('a'))]",
        "[parameters('p')]",
        "[reference('me').x]",
        "[" + "concat(" * 500 + "'a'" + ")" * 500 + "]",
        "[join(map(range(0, 10000), lambda('x', join(map(range(0, 10000), lambda('y', 'z')), ''))), '')]",
        "[padLeft('a', 99999999)]",
        "[range(0, 99999999)]",
    ],
)
def test_a_template_that_would_take_for_ever_ends(expression: str, tmp_path: Path) -> None:
    template = {
        "$schema": SCHEMA,
        "parameters": {"p": {"type": "string", "defaultValue": expression}},
        "variables": {"a": expression},
        "resources": [
            {
                "type": "Microsoft.Network/networkSecurityGroups", "name": "me", "apiVersion": "2024-05-01",
                "properties": {"x": expression, "securityRules": []},
            }
        ],
    }  # fmt: skip
    path = tmp_path / "endless.json"
    path.write_text(json.dumps(template))
    assert preflight("--template", path).status in {0, 2}
