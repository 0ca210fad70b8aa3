"""The tools that look at infra/ and the documents, with and without the programs they use."""

from pathlib import Path

import pytest

from tests.unit.infra.bicep import ROOT
from tools import arm_templates, bicep
from tools.az_commands import Command, commands, extension_of

PAGE = """
Look with `az group list`, or `az group show --name NAME`; not with `python -m az`.

   ```sh
   # az is not run here
   az deployment sub create --name guard \\
     --parameters @guard.parameters.json webhook="$WEBHOOK" # and so on
   sku=$(az storage account list --query "[?x == 'y'].sku" --output tsv 2>/dev/null)
   eval "$(az deployment sub show --name guard | python3 -c 'print(1)')"
   for one in a b; do az group delete --name "$(echo "$one")"; done
   ```
"""


def words(name: str, text: str) -> list[tuple[str, ...]]:
    return [each.words for each in commands(name, text)]


def test_every_command_of_a_page_is_found_as_the_shell_would_see_it() -> None:
    assert words("page.md", PAGE) == [
        (
            "deployment", "sub", "create", "--name", "guard", "--parameters", "@guard.parameters.json",
            "webhook=$WEBHOOK",
        ),
        ("storage", "account", "list", "--query", "[?x == 'y'].sku", "--output", "tsv"),
        ("deployment", "sub", "show", "--name", "guard"),
        ("group", "delete", "--name", "VALUE"),
        ("group", "list"),
        ("group", "show", "--name", "NAME"),
    ]  # fmt: skip


def test_a_command_is_told_with_its_place_and_prose_only_names_it() -> None:
    found = {each.words[:2]: each for each in commands("page.md", PAGE)}
    assert found["storage", "account"].where == "page.md:8"
    assert found["group", "list"] == Command("page.md:2", ("group", "list"), mentioned=True)


def test_a_command_in_prose_goes_on_in_the_next_line_and_may_leave_words_out() -> None:
    page = "Ask (`az vm show --name VM\n   --resource-group RG`), or `az network ... list --output json`.\n"
    assert list(commands("page.md", page)) == [
        Command("page.md:1", ("vm", "show", "--name", "VM", "--resource-group", "RG")),
        Command("page.md:2", ("network", "...", "list", "--output", "json"), mentioned=True),
    ]


@pytest.mark.parametrize(
    ("line", "extension"),
    [
        ("az graph query -q Resources", "resource-graph"),
        ("az monitor scheduled-query create -g RG", "scheduled-query"),
        ("az monitor activity-log list", ""),
        ("az graphics", ""),
    ],
)
def test_a_command_of_an_extension_is_known_by_how_it_begins(line: str, extension: str) -> None:
    assert [extension_of(command) for command in commands("-", f"{line}\n")] == [extension]


def test_lines_as_a_product_prints_them_are_commands_too() -> None:
    assert words("-", "az login\nsudo timedatectl\naz group show --name 'a b'\n") == [
        ("login",), ("group", "show", "--name", "a b"),
    ]  # fmt: skip


def test_the_documents_and_scripts_have_commands_to_read() -> None:
    counts = {
        name: len(words(name, (ROOT / name).read_text()))
        for name in ("docs/deploy.md", "docs/runbook.md", "infra/publish.sh", "infra/remove.sh")
    }
    assert all(counts.values()), counts
    assert sum(counts.values()) > 35


def a_program(folder: Path, text: str) -> str:
    path = folder / "bicep"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_without_the_cli_the_check_says_so_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert bicep.check(None) == 0
    said = capsys.readouterr().err
    assert said.startswith("bicep: no Bicep CLI on the PATH or in BICEP")
    assert said.count("\n") == 1


def test_a_diagnostic_of_either_template_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bicep.check(a_program(tmp_path, 'test "$1" != lint || echo "$2: Warning no-unused-vars" >&2')) == 1
    assert capsys.readouterr().err.count("no-unused-vars") == 2


def test_a_snapshot_that_is_stale_fails_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = a_program(tmp_path, 'case "$1 $2" in "snapshot "*plain.bicepparam) exit 1 ;; esac')
    assert bicep.check(program) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"bicep snapshot infra/sets/{name}.bicepparam failed: its snapshot is stale, run `make snapshots`"
        for name in ("events/plain", "plain")
    ]


def test_a_check_without_complaints_is_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bicep.check(a_program(tmp_path, "exit 0")) == 0
    assert capsys.readouterr() == ("", "")


def test_a_program_that_is_not_the_pinned_one_is_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert bicep.keep(b"something else") == 1
    assert "is not Bicep" in capsys.readouterr().err


def test_every_set_has_its_snapshot_beside_it() -> None:
    names = {path.relative_to(bicep.INFRA / "sets").as_posix() for path in bicep.sets()}
    assert names >= {f"{name}.bicepparam" for name in ("plain", "several", "private", "no-keys")}
    assert [path for path in bicep.sets() if not path.with_suffix(".snapshot.json").is_file()] == []


def test_templates_within_templates_are_laid_side_by_side() -> None:
    inner = {"resources": {"b": {"type": "B"}, "c": {"type": "C", "existing": True}}}
    nested = {"type": "Microsoft.Resources/deployments", "properties": {"template": inner}}
    assert list(arm_templates.flat({"resources": [{"type": "A"}, nested]})) == [{"type": "A"}, {"type": "B"}]
