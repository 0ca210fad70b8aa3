"""The command line itself: typed without a command, or wrongly; and the commands that need nothing."""

import pytest

from remediation.cli import COMMANDS, main
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

    told = capsys.readouterr().out
    assert told.startswith(f"{rule}: {registry()[rule].title}\nseverity ")
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
