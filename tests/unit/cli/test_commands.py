"""The command line itself: typed without a command, or wrongly; and the commands that need nothing."""

from pathlib import Path

import pytest

from remediation.cli import COMMANDS, main
from remediation.cli.parsing import reflowed
from remediation.rules import registry

type Output = pytest.CaptureFixture[str]


def test_help_names_every_command_and_is_no_mistake(capsys: Output) -> None:
    assert 0 == main(["--help"])

    told = capsys.readouterr()
    assert "" == told.err
    assert [] == [name for name in COMMANDS if f"  {name} " not in told.out]


@pytest.mark.parametrize(
    ("arguments", "first"), [([], "usage: "), (["scna"], "remediation: no such command")]
)
def test_no_command_or_an_unknown_one_is_bad_input_and_shows_what_there_is(
    capsys: Output, arguments: list[str], first: str
) -> None:
    assert 2 == main(arguments)

    told = capsys.readouterr()
    assert ("", True) == (told.out, told.err.startswith(first))
    assert [] == [name for name in COMMANDS if f"  {name} " not in told.err]


@pytest.mark.parametrize("rule", registry())
def test_every_rule_explains_itself(capsys: Output, rule: str) -> None:
    assert 0 == main(["explain", rule])

    told = " ".join(capsys.readouterr().out.split())  # filled to the terminal
    assert told.startswith(f"{rule}: {registry()[rule].title} severity ")
    assert "Why:" in told


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("nsg-mgmt-open-to-internt", "; did you mean nsg-mgmt-open-to-internet?"),
        ("x", "; `rules` lists them"),
    ],
)
def test_a_rule_that_does_not_exist_is_one_line_with_what_may_be_meant(
    capsys: Output, rule: str, hint: str
) -> None:
    assert 2 == main(["explain", rule])
    assert f"remediation: no such rule: {rule}{hint}\n" == capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["sc\x1b[2Jan\nremediation: all is well"],
        ["scan", "--estate", "no\x1b]0;title\x07\nremediation: fine\u202e.json"],
        ["explain", "rule\r\u200b\nx"],
        ["scan", "--estate", "x.json", "--open-world", "a\nb"],
        ["scan", "--estate", "x" * 100_000],
        ["history", "--since", "x\x1b[2J"],
    ],
    ids=["command", "path", "rule", "type", "endless", "time"],
)
def test_every_line_of_complaint_is_one_short_line_of_visible_characters(
    capsys: Output, arguments: list[str]
) -> None:
    assert 2 == main(arguments)

    lines = capsys.readouterr().err.removesuffix("\n").split("\n")
    told = [line for line in lines if line.startswith("remediation: ")]
    assert all(line.isprintable() and len(line) < 2100 for line in lines)
    assert not any(
        "well" == line or line.startswith(("remediation: all", "remediation: fine")) for line in told
    )


# Help, and what fits a terminal --------------------------------------------------------------------


def test_help_of_a_command_is_its_own_help_and_of_a_wrong_one_says_what_may_be_meant(capsys: Output) -> None:
    assert 0 == main(["help", "scan"])
    assert " scan [-h] " in capsys.readouterr().out

    assert 2 == main(["help", "scna"])
    assert "remediation: no such command: scna; did you mean scan?\n" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [50, 80, 120])
@pytest.mark.parametrize(
    "arguments", [["help"], ["help", "history"], ["explain", "nsg-mgmt-open-to-internet"]], ids=" ".join
)
def test_running_text_is_filled_to_the_terminal(
    capsys: Output, monkeypatch: pytest.MonkeyPatch, arguments: list[str], columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    assert 0 == main(arguments)

    told = capsys.readouterr().out
    running = told.partition("\n\n")[2] if told.startswith("usage: ") else told  # options are never broken
    lines = running.splitlines()
    assert max(map(len, lines)) < columns
    if columns < 120:
        assert max(map(len, lines)) > columns - 20


def test_what_is_drawn_is_never_filled() -> None:
    rest = "    code   stays\n    as it is\n\n- an item\n- another\nWhy: it is so."
    assert f"A paragraph of two lines.\n\n{rest}" == reflowed(f"A paragraph of\ntwo lines.\n\n{rest}", 70)


# A baseline by itself ------------------------------------------------------------------------------

NSG = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-legacy-x/providers/Microsoft.Network/networkSecurityGroups/web"  # noqa: E501  an id
BASELINE = """
version: 1
mode: enforce
environments:
  - {name: production, match: {tags: {environment: [prod]}}}
  - {name: legacy, match: {resourceGroups: ["rg-legacy-*"]}}
rules: {nsg-mgmt-open-to-internet: {action: fix}}
overrides:
  - {match: {tags: {owner: [x]}}, rules: {nsg-diagnostics: {action: alert}}}
exemptions:
  - {resource: "*/web", rule: nsg-jit-any-source, until: 2999-01-01T00:00:00Z}
  - {resource: "*/old", rule: "*", until: 2020-01-01T00:00:00Z}
"""


def test_a_good_baseline_is_told_in_a_line_with_what_has_ended(capsys: Output, tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(BASELINE)

    assert 0 == main(["baseline", "check", str(path)])

    first, ended = capsys.readouterr().out.splitlines()
    assert (
        f"{path}: can be used, mode enforce, 1 rule named, 1 override, 1 exemption in force, hash " in first
    )
    assert ended.startswith("  exemptions[1]: the exemption of */old")


def test_what_holds_for_a_resource_is_told_and_what_its_tags_would_decide(
    capsys: Output, tmp_path: Path
) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(BASELINE)

    assert 0 == main(["baseline", "check", str(path), "--explain", NSG])

    told = capsys.readouterr().out.splitlines()
    assert "environment: legacy, unless its tags make it production" in told
    assert "nsg-mgmt-open-to-internet: fix" in told
    assert "nsg-jit-any-source: on, by default; exempt until 2999-01-01T00:00Z" in told
    assert "by its tags, which an id does not tell, also: overrides[0]" in told


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (
            "version: 1\nmode: x\nfoo: 1\n",
            [],
            ["foo: unknown key", "mode: must be observe or enforce, not 'x'"],
        ),
        ("version: 1\n", ["--explain", "web"], ["--explain: "]),
    ],
)
def test_every_mistake_in_a_baseline_is_a_line(
    capsys: Output, tmp_path: Path, text: str, arguments: list[str], said: list[str]
) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(text)

    assert 2 == main(["baseline", "check", str(path), *arguments])

    told = capsys.readouterr()
    assert ("", len(said)) == (told.out, told.err.count("\n"))
    assert all(one in told.err for one in said)
