"""Commands to type: what bash makes of them, what they leave out, and what no shell may be handed."""

import json
import shlex
import shutil
import subprocess

import pytest

from remediation.landing_zone import commands
from remediation.model import Write
from tests.builders import NSG_ID, a_rule

HOSTILE_FOR_BASH = [
    "plain", "two words", "it's", "$(touch /tmp/owned)", "`touch /tmp/owned`", "a;touch /tmp/owned", "$HOME",
    "~", "*", "r-f", 'say "hi"', "a\\b", "#x", "{a,b}", "(x)", "",
]  # fmt: skip


def test_bash_hands_every_argument_over_as_it_is() -> None:
    """The line is pasted into a real bash, in which `az` is a function that prints what it was given."""
    bash = shutil.which("bash")
    assert bash is not None
    line = commands.words("az x", *HOSTILE_FOR_BASH)

    run = subprocess.run(
        [bash, "--norc", "-i"],
        input=f"az() {{ printf '%s\\0' \"$@\"; }}\n{line}\nexit\n",
        capture_output=True,
        text=True,
        check=True,
    )

    given = run.stdout.split("\0")[:-1]
    assert ["x", *HOSTILE_FOR_BASH] == given


@pytest.mark.parametrize(
    "hostile",
    [
        "a&calc",
        "a|calc",
        "a>b",
        "a<b",
        "a^b",
        "%PATH%",
        "a!b",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\x1bb",
        "a\u202eb",
        "a\u200bb",
        "a\u2019;calc;\u2018b",
        "a\u201d;calc;\u201cb",
        "@/home/alice/.ssh/id_rsa",
        "-h",
        "-rf",
        "--name=b",
    ],
)
def test_what_another_shell_would_run_or_nobody_would_see_leaves_the_command_out(hostile: str) -> None:
    assert commands.LEFT_OUT == commands.words("az group delete", "--name", hostile)
    assert commands.LEFT_OUT.startswith("# ")


def test_descriptions_are_left_out_of_a_write() -> None:
    """They are sentences of somebody else's, and say nothing to Azure."""
    rule = a_rule("web", description="& calc", sourceAddressPrefix="10.0.0.0/8")
    body = {"properties": {"description": "| calc", "securityRules": [rule]}}

    line = commands.for_write(Write("PUT", NSG_ID, body))

    words = shlex.split(line)
    sent = json.loads(words[words.index("--body") + 1])
    assert "calc" not in line
    (kept,) = sent["properties"]["securityRules"]
    assert "10.0.0.0/8" == kept["properties"]["sourceAddressPrefix"]
