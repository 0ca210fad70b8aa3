"""Every `az` command of a text, read by the Azure CLI's own parser: `python -m tools.az_commands FILE ... -`.

Runs under a Python that has azure-cli (`make az` makes one), imports nothing of ours and needs no network:
the table of commands is loaded once, and each command is parsed as `az` would parse it before it asks Azure
anything. What Azure thinks of the values is not asked. `-` reads lines of commands from standard input, as
a product prints them. Commands of extensions, which are no part of azure-cli, are counted and not read.
"""

import contextlib
import importlib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

STARTS = re.compile(r"(?<![\w./'-])az (?=[a-z])")
FENCE = re.compile(r"^( *)```(?:sh|bash|shell)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`(az [^`]+)`")
ENDS = frozenset("|;&<>)\n")
OMITTED = "..."
"""Stands in prose for words of a command that everybody knows."""
EXTENSIONS = {"graph": "resource-graph", "monitor scheduled-query": "scheduled-query"}
"""Extensions whose commands the documents name, by what those begin with."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command and where it stands. `mentioned`: prose names it without saying how it goes on."""

    where: str
    words: tuple[str, ...]
    mentioned: bool = False

    def __str__(self) -> str:
        return f"{self.where}: az {shlex.join(self.words)}"


def commands(name: str, text: str) -> Iterator[Command]:
    """The commands of a document: fenced shell and code spans in Markdown, all of it elsewhere."""
    if not name.endswith(".md"):
        yield from _in_shell(name, text, 0)
        return
    for fence in FENCE.finditer(text):
        yield from _in_shell(name, fence[2], text.count("\n", 0, fence.start(2)))
    prose = FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)
    for span in SPAN.finditer(prose):
        words = tuple(shlex.split(_command(" ".join(span[1].split()), 3)))
        where = f"{name}:{prose.count(chr(10), 0, span.start()) + 1}"
        outlined = OMITTED in words or not any(word.startswith("-") for word in words)
        yield Command(where, words, mentioned=outlined)


def _in_shell(name: str, text: str, above: int) -> Iterator[Command]:
    lines = (re.sub(r"^\s*#.*", "", line) for line in text.splitlines())
    script = "\n".join(lines)
    for start in STARTS.finditer(script):
        where = f"{name}:{above + script.count(chr(10), 0, start.start()) + 1}"
        yield Command(where, tuple(shlex.split(_command(script, start.end()))))


def _command(text: str, at: int) -> str:
    """The words of one command, from behind `az ` to where the shell would end it; `$(...)` becomes VALUE."""
    found, quote = "", ""
    while at < len(text):
        here = text[at]
        if text.startswith("\\\n", at):
            at, here = at + 1, " "
        elif text.startswith("$(", at) and quote != "'":
            at, here = _closing(text, at + 2), "VALUE"
        elif here == quote:
            quote = ""
        elif not quote and here in "'\"":
            quote = here
        elif not quote and (here in ENDS or (here == "#" and found[-1:].isspace())):
            break
        elif quote and here == "\\":
            at, here = at + 1, text[at : at + 2]
        found, at = found + here, at + 1
    if text[at : at + 1] in {"<", ">"}:
        found = re.sub(r"\s\d$", "", found)  # of a redirection, as in 2>/dev/null
    return found.rstrip('"') if found.count('"') % 2 else found


def _closing(text: str, at: int) -> int:
    """Where the parenthesis that was opened before `at` closes."""
    depth = 1
    while at < len(text):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return at
        at += 1
    return at


class Parser:
    """The parser of azure-cli, with its whole table of commands and arguments, loaded once."""

    def __init__(self) -> None:
        home = tempfile.mkdtemp(prefix="az-commands-")
        os.environ |= {"AZURE_CONFIG_DIR": home, "AZURE_CORE_COLLECT_TELEMETRY": "false"}
        core = importlib.import_module("azure.cli.core")
        whole = importlib.import_module("azure.cli.core.file_util")

        cli = core.get_default_cli()
        with contextlib.redirect_stderr(io.StringIO()):
            whole.create_invoker_and_load_cmds_and_args(cli)
        invoker = cli.invocation
        self._parse: Callable[[list[str]], object] = invoker.parser.parse_args
        self._names = frozenset(invoker.commands_loader.command_table)

    def refuses(self, command: Command) -> str:
        """What the parser says against a command; empty where it takes it."""
        words = list(command.words)
        first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
        if not any(self._is_there(words[:end]) for end in range(first, 0, -1)):
            return f"there is no command az {' '.join(words[:first])}"
        return "" if command.mentioned else _outcome(self._parse, words)

    def _is_there(self, words: Sequence[str]) -> bool:
        if OMITTED not in words:
            return " ".join(words) in self._names
        outline = re.compile(" ".join(".*" if word == OMITTED else re.escape(word) for word in words))
        return any(outline.fullmatch(name) for name in self._names)


def extension_of(command: Command) -> str:
    """The extension that a command comes with; empty for one of azure-cli itself."""
    said = " ".join(command.words) + " "
    return next((name for begins, name in EXTENSIONS.items() if said.startswith(f"{begins} ")), "")


def _outcome(parse: Callable[[list[str]], object], words: list[str]) -> str:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            parse(words)
    except SystemExit as error:
        return said.getvalue().strip() or f"exit {error.code}"
    except Exception as error:  # noqa: BLE001  whatever the parser throws is what it says against it
        return str(error).strip() or type(error).__name__
    return ""


def read(names: Sequence[str]) -> list[Command]:
    found: list[Command] = []
    for name in names:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        found += commands(name, text)
    return found


def main(names: Sequence[str]) -> int:
    """0 where every command is taken; 1 with a line for each that is refused; 2 where there was none."""
    found = read(names)
    if not found:
        sys.stderr.write("az: no command in what was given\n")
        return 2
    parser, wrong = Parser(), 0
    unread = [extension for command in found if (extension := extension_of(command))]
    for command in (command for command in found if not extension_of(command)):
        why = parser.refuses(command)
        if why:
            wrong += 1
            sys.stdout.write(f"{command}\n    {why.splitlines()[0]}\n")
    others = f", {len(unread)} of extensions not read ({', '.join(sorted(set(unread)))})" if unread else ""
    sys.stdout.write(f"az: {len(found)} commands, {wrong} refused{others}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
