"""How commands are typed: the name of the program, its parsers, help that fits the terminal."""

import argparse
import shlex
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from remediation.errors import InputError

INSTALLED = "bastion-guard"
FROM_CHECKOUT = "python -m remediation"
WIDEST = 100
NARROWEST = 30


def program() -> str:
    """What was typed to get here, so that what we print can be typed too."""
    return INSTALLED if sys.argv and Path(sys.argv[0]).stem == INSTALLED else FROM_CHECKOUT


def as_typed(command: str, app: str | None = None, *, called: str = "") -> str:
    """One of our commands as it is typed here, for the app that this run was about; any other as it is.

    `called` is the program, where it is not the one that runs.
    """
    if app and command.startswith(FROM_CHECKOUT):
        command = f"{command} --app {shlex.quote(app)}"
    return command.replace(FROM_CHECKOUT, called or program())


def width() -> int:
    """Columns for running text: what the terminal has, and no more than one reads with ease."""
    wide = shutil.get_terminal_size(fallback=(WIDEST + 2, 24)).columns
    return min(WIDEST, max(NARROWEST, wide - 2))


class Parser(argparse.ArgumentParser):
    """Whose complaints about the command line are bad input like any other: one line, no usage in between."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def parser(command: str, description: str, *, prog: str = "", columns: int = 0) -> Parser:
    """An empty parser of a command; `prog` and `columns` are those of this terminal unless given."""
    wide = columns or width()

    def formatter(prog: str) -> argparse.HelpFormatter:  # argparse names the argument
        return argparse.HelpFormatter(prog, width=wide)

    return Parser(prog=f"{prog or program()} {command}", description=description, formatter_class=formatter)


def usage(rooms: Mapping[str, Sequence[str]], about: Mapping[str, str]) -> str:
    """Every command with what it is for, by those who ask."""
    widest = max(map(len, about))
    lines = [f"usage: {program()} COMMAND [options]", ""]
    for title, commands in rooms.items():
        lines += [title, *(_line(name, about[name], widest) for name in commands), ""]
    more = f"{program()} help COMMAND tells the options of one; --version, which release this is."
    return "\n".join([*lines, *textwrap.wrap(more, width())]) + "\n"


def _line(name: str, text: str, widest: int) -> str:
    indent = " " * (widest + 4)
    if width() < len(indent) + NARROWEST:  # no room for two columns
        return f"  {name}\n" + textwrap.fill(text, width(), initial_indent="    ", subsequent_indent="    ")
    head = f"  {name:<{widest}}  "
    return textwrap.fill(text, width(), initial_indent=head, subsequent_indent=indent)


def heading(line: str) -> str:
    """A line that stays one where nothing but a terminal would break it."""
    wide = shutil.get_terminal_size(fallback=(len(line) + 1, 24)).columns
    return textwrap.fill(line, max(wide - 1, NARROWEST), break_on_hyphens=False)


def reflowed(text: str, columns: int) -> str:
    """Paragraphs and lists filled anew to so many columns; what is drawn (indented, or a table) stays."""
    return "\n".join(_filled(block, columns) for block in _blocks(text.splitlines()))


def _blocks(lines: Iterable[str]) -> list[list[str]]:
    """Lines that belong together: a paragraph, an item of a list, one drawn line, an empty line."""
    found: list[list[str]] = []
    for line in lines:
        drawn = not line.strip() or line.startswith(("  ", "|", "\t"))
        begins = drawn or line.lstrip().startswith(("- ", "* ")) or _is_titled(line)
        continues = found and not begins and found[-1][0].strip() and not _is_drawn(found[-1][0])
        if continues:
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _is_drawn(line: str) -> bool:
    return line.startswith(("  ", "|", "\t"))


def _is_titled(line: str) -> bool:
    """Whether a line begins with one word or two and a colon, as the parts of a rule's explanation do."""
    head, colon, _ = line.partition(": ")
    return bool(colon) and head[:1].isupper() and len(head) < 20


def _filled(block: Sequence[str], columns: int) -> str:
    if _is_drawn(block[0]) or not block[0].strip():
        return block[0]
    indent = "  " if block[0].startswith(("- ", "* ")) else ""
    text = " ".join(line.strip() for line in block)
    return textwrap.fill(
        text, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
