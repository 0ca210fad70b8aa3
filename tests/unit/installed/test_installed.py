"""A stranger installs the command line: what is in the wheel, and what works without Functions' parts."""

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.arm import Arm, in_background
from remediation import __version__
from remediation.cli import COMMANDS
from tests.builders import SUBSCRIPTION
from tests.unit.installed.wheel import ROOT, Installed, build, install, tree
from tests.unit.scan.scanned import an_estate

EXAMPLE = str(ROOT / "examples" / "estate.json")
MOST_MB = 55  # without bytecode, which adds half of that: benchmarks/installed.py


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    folder = tmp_path_factory.mktemp("dist")
    yield build(tree(folder / "tree"), folder / "out")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def tool(built: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(built[-1], tmp_path_factory.mktemp("installed"))


def test_sdist_and_wheel_are_built_where_there_is_no_git(built: list[Path]) -> None:
    assert [
        f"bastion_guard-{__version__}.tar.gz",
        f"bastion_guard-{__version__}-py3-none-any.whl",
    ] == [path.name for path in built]


def test_every_file_of_ours_is_in_the_wheel(built: list[Path]) -> None:
    """Rules, tables, templates of pages and the roles that the doctor compares with."""
    with zipfile.ZipFile(built[-1]) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "remediation").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    roles = {f"remediation/roles/{path.name}" for path in (ROOT / "infra" / "roles").iterdir()}
    assert there | roles == inside


def test_nothing_but_the_command_line_is_in_the_sdist(built: list[Path]) -> None:
    with tarfile.open(built[0]) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    assert {"remediation", "infra", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"} <= tops
    assert not {"lab", "tests", "demo", "node_modules", ".venv"} & tops


def test_the_parts_for_functions_are_not_asked_for(tool: Installed) -> None:
    for module in ("azure.functions", "azure_functions_runtime", "azure.mgmt.network", "aiohttp", "pytest"):
        assert not tool.can_import(module), module
    assert tool.can_import("azure.identity")


def test_it_is_small(tool: Installed) -> None:
    size = sum(path.stat().st_size for path in tool.site.rglob("*") if path.is_file())
    assert size < MOST_MB * 1_000_000


@pytest.mark.parametrize("asked", ["--version", "-V"])
def test_it_says_which_release_it_is(tool: Installed, asked: str) -> None:
    done = tool.types(asked)
    assert (0, f"bastion-guard {__version__}\n", "") == (done.returncode, done.stdout, done.stderr)


def test_help_names_every_command_by_the_name_that_was_typed(tool: Installed) -> None:
    done = tool.types("help")
    assert done.stdout.startswith("usage: bastion-guard COMMAND")
    assert [] == [name for name in COMMANDS if f"  {name} " not in done.stdout]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_its_options(tool: Installed, command: str) -> None:
    done = tool.types("help", command)
    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith(f"usage: bastion-guard {command} ")


def test_files_are_scanned_drawn_and_explained(tool: Installed) -> None:
    scanned = tool.types("scan", "--estate", EXAMPLE, "--format", "json")
    drawn = tool.types("ways-in", "--estate", EXAMPLE, "--format", "html", "--output", "ways.html")
    explained = tool.types("explain", "nsg-mgmt-open-to-internet")
    assert (1, 0, 0) == (scanned.returncode, drawn.returncode, explained.returncode)
    assert json.loads(scanned.stdout)["findings"]
    assert (tool.home / "ways.html").read_text().startswith("<!doctype html>")


def test_one_command_after_az_login_says_what_is_open(tool: Installed, tmp_path: Path) -> None:
    """`az login` has chosen a subscription; nothing else is set but that ARM is the lab's."""
    profile = {"subscriptions": [{"id": SUBSCRIPTION, "name": "Landing zone", "isDefault": True}]}
    (tmp_path / "azureProfile.json").write_text(json.dumps(profile), encoding="utf-8-sig")
    arm = Arm()
    arm.seed(an_estate())
    with in_background(arm) as url:
        lab = {"ARM_ENDPOINT": url, "ARM_STATIC_TOKEN": "stranger", "AZURE_CONFIG_DIR": str(tmp_path)}
        done = tool.types("ways-in", "--subscription", **lab)
        named = tool.types("ways-in", "--subscription", "landing ZONE", **lab)
    assert (0, "") == (done.returncode, done.stderr)
    assert "SSH open to the whole internet through public IP" in " ".join(done.stdout.split())
    assert done.stdout == named.stdout
    assert all(entry.reads for entry in arm.log.entries())


def test_the_doctor_has_the_roles_at_hand(tool: Installed) -> None:
    arm = Arm()
    site = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-guard/providers/Microsoft.Web/sites/func-guard-x"
    arm.seed([{"id": site, "location": "westeurope", "properties": {"state": "Running"}}])
    with in_background(arm) as url:
        done = tool.types("doctor", "--app", "rg-guard", ARM_ENDPOINT=url, ARM_STATIC_TOKEN="ada")
    assert (1, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("ok  app ")


# Completion ----------------------------------------------------------------------------------------


def in_bash(tool: Installed, line: str) -> list[str]:
    """What bash offers at the end of a line, by the script that `completion bash` prints."""
    bash = shutil.which("bash")
    assert bash
    word = line.rsplit(" ", maxsplit=1)[-1]
    script = f"""
        eval "$(bastion-guard completion bash)"
        COMP_LINE={line!r} COMP_POINT={len(line)} COMP_TYPE=9 COMP_WORDBREAKS=$' \\t\\n"'
        _python_argcomplete bastion-guard {word!r} ''
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    program = tool.home / "bin" / "bastion-guard"
    program.parent.mkdir(exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("bastion-guard.sh"), program)
    program.chmod(0o755)
    done = subprocess.run(
        [bash, "-c", script], capture_output=True, text=True, check=True, cwd=tool.home,
        env={"PATH": f"{program.parent}:/usr/bin:/bin", "SITE": str(tool.site), "PYTHON": sys.executable},
    )  # fmt: skip
    return [each.strip() for each in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("bastion-guard exp", ["exposure", "export", "explain"]),
        ("bastion-guard scan --fail-on-", ["--fail-on-unknown"]),
        ("bastion-guard explain nsg-mgmt-open-to-i", ["nsg-mgmt-open-to-internet"]),
        ("bastion-guard history --format c", ["csv"]),
    ],
)
def test_tab_completes_commands_options_rules_and_choices_in_bash(
    tool: Installed, line: str, offered: list[str]
) -> None:
    assert sorted(offered) == sorted(in_bash(tool, line))


@pytest.mark.parametrize(
    ("shell", "registers"),
    [
        ("bash", "complete -o nospace"),
        ("zsh", "compdef _python_argcomplete bastion-guard"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName bastion-guard"),
    ],
)
def test_every_shell_gets_its_own_words(tool: Installed, shell: str, registers: str) -> None:
    assert registers in tool.types("completion", shell).stdout
