"""Every command that a rule prints in its cases, or that puts back what was declared: what bash makes of it,
and what the Azure CLI says.
"""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from remediation.landing_zone.commands import LEFT_OUT
from tests.unit.declared.printed import printed
from tests.unit.rules.case import all_cases, judged

ROOT = Path(__file__).parents[3]
# Groups of commands that are extensions of the CLI: `az` asks to install them first.
EXTENSIONS = re.compile(r"az (network (bastion|firewall|manager|vhub|vwan)|graph)\b")
PRINTED = sorted(
    {
        command
        for rule, case in all_cases()
        if case.says == "speaks"
        for finding in judged(rule, case).findings
        for command in finding.commands
    }
    | set(printed())
)
COMMANDS = [command for command in PRINTED if command != LEFT_OUT]
# Where `az` is: the environment that `make az` makes, or another one with azure-cli in it.
PYTHON = Path(os.environ.get("AZ_PYTHON", ROOT / ".tools" / "az" / "bin" / "python"))


def test_there_are_commands_of_many_kinds() -> None:
    assert len({" ".join(command.split()[:4]) for command in COMMANDS}) > 10


def test_no_command_needs_an_extension_of_the_cli() -> None:
    assert [command for command in COMMANDS if EXTENSIONS.search(command)] == []


def test_no_command_asks_for_nothing() -> None:
    """An empty place, say: the CLI refuses it."""
    assert [command for command in COMMANDS if "''" in shlex.split(command) or " '' " in f"{command} "] == []


def test_bash_takes_every_command_as_one_line_and_runs_nothing_but_az() -> None:
    """All of them pasted at once: `az` is a function that answers a look with what the look expects."""
    bash = shutil.which("bash")
    assert bash is not None
    expected = re.compile(r"^test \"\$\(.*?\)\" = (\S+) && ")
    lines = []
    for command in COMMANDS:
        seen = expected.match(command)
        lines += [f"VERSION={seen[1] if seen else ''}", command]
    show = 'az() { if [ "$3 $4" = "rule show" ]; then echo "$VERSION"; else echo "ran $1"; fi; }'

    run = subprocess.run(
        [bash, "--norc", "-i"],
        input="\n".join([show, "PATH=/nowhere", *lines, "exit"]) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )

    steps = sum(len(re.findall(r"(?:^|&& )az ", command)) for command in COMMANDS)
    shows = sum(command.startswith("az network nsg rule show") for command in COMMANDS)
    assert run.stdout.count("ran ") == steps - shows
    assert "not found" not in run.stderr


def test_what_somebody_changed_since_is_left_as_it_is() -> None:
    bash = shutil.which("bash")
    assert bash is not None
    guarded = [command for command in COMMANDS if command.startswith("test ")]
    show = 'az() { if [ "$3 $4" = "rule show" ]; then echo changed; else echo "ran $1"; fi; }'

    run = subprocess.run(
        [bash, "-c", "\n".join([show, *guarded, "true"])], capture_output=True, text=True, check=True
    )

    assert guarded
    assert run.stdout == ""


@pytest.mark.skipif(not PYTHON.exists(), reason="azure-cli is not there: make az, or AZ_PYTHON=")
def test_the_azure_cli_itself_takes_every_command() -> None:
    run = subprocess.run(
        [PYTHON, "-m", "tools.az_commands", "-"],
        input="\n".join(COMMANDS),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout.splitlines()[:-1]) == (0, [])
