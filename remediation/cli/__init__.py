"""The command line: `python -m remediation COMMAND`.

Each command is a module with `configure(parser)` and `run(args) -> int`, in the room of those who ask:

    estates     what documents say: scan, ways-in, exposure, export
    catalogue   rules and baselines by themselves: rules, explain, baseline
    on_call     a deployed app: replay, history, why, undo, look, sweep, channels, doctor
    output      tables, pages, SARIF and progress that the commands share

Only the chosen command is imported, so that `--help` and `exposure` do not pay for the Azure SDKs.

Exit status: what the command says (0, or 1 for findings), 2 for bad input or configuration with one line
on standard error per mistake, 3 where nothing could be judged or looked at, 130 after Ctrl-C. A traceback
means a bug of ours.
"""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from remediation.errors import BastionGuardError, InputError, NothingShownError
from remediation.plain import plain

BAD_INPUT = 2
NOTHING = 3
INTERRUPTED = 130
LONGEST_LINE, LONGEST_END = 2000, 500

COMMANDS: dict[str, str] = {
    "scan": "what drifted in a whole estate, from files or live",
    "ways-in": "who on the internet can reach which machine, and how",
    "exposure": "who on the internet can reach a port through an NSG",
    "export": "a subscription as an estate file, read only",
    "rules": "the catalogue of rules",
    "explain": "what one rule finds, why it matters and how it is repaired",
    "baseline": "whether a baseline can be used, and where a resource's alerts go",
    "replay": "look again at past events, or see what would happen",
    "history": "what was judged, written and announced",
    "why": "why a port was, or was not, closed: what holds it back, until when, what happened last",
    "undo": "take a repair back",
    "look": "have the app look at a resource now",
    "sweep": "have the app look at everything",
    "channels": "send something harmless to each channel that alerts go to",
    "doctor": "whether a deployed app can do its work, and what is missing",
}

# The room of this package in which a command's module stands.
_ROOMS = {
    "estates": ("scan", "ways-in", "exposure", "export"),
    "catalogue": ("rules", "explain", "baseline"),
    "on_call": ("replay", "history", "why", "undo", "look", "sweep", "channels", "doctor"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; what a user did wrong is one line each, never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = _command(arguments)
    if command is None:
        return _usage(arguments)
    # The SDK's own account of every sign-in that failed; what came of it is in our line.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    return _run(lambda: _module(command).run(parser_of(command).parse_args(arguments[1:])))


class _Parser(argparse.ArgumentParser):
    """Whose complaints about the command line are bad input like any other: one line, no usage in between."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def parser_of(command: str) -> argparse.ArgumentParser:
    """The argument parser of a command; its help is the same in every terminal."""
    parser = _Parser(
        prog=f"python -m remediation {command}",
        description=COMMANDS[command],
        formatter_class=lambda prog: argparse.HelpFormatter(prog, width=100),
    )
    _module(command).configure(parser)
    return parser


def _module(command: str) -> ModuleType:
    room = next(room for room, commands in _ROOMS.items() if command in commands)
    return importlib.import_module(f"remediation.cli.{room}.{command.replace('-', '_')}")


def _run(action: Callable[[], int]) -> int:
    if sys.stdout is None:  # closed by whoever called us
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  open until the end
    try:
        status = action()
        sys.stdout.flush()  # a reader that went away is noticed here, not when the interpreter ends
    except InputError as error:
        for mistake in error.mistakes:
            _complain(mistake)
        return NOTHING if isinstance(error, NothingShownError) else BAD_INPUT
    except BastionGuardError as error:
        _complain(error)
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("remediation: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        _drop_what_is_left()  # the reader (head, less) went away
        return 0
    except OSError as error:
        _drop_what_is_left()
        _complain(f"cannot go on: {error.strerror or error}")
        return 1
    return status


def _complain(about: object) -> None:
    """One line; what others wrote cannot make two of it, nor move the cursor."""
    line = plain(about)
    if len(line) > LONGEST_LINE:  # what was given comes first, what is wrong with it last
        line = f"{line[: LONGEST_LINE - LONGEST_END]}…{line[-LONGEST_END:]}"
    sys.stderr.write(f"remediation: {line}\n")


def _drop_what_is_left() -> None:
    """Keep the interpreter from writing it once more at exit, and from complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _command(arguments: list[str]) -> str | None:
    return arguments[0] if arguments and arguments[0] in COMMANDS else None


def _usage(arguments: list[str]) -> int:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    text = "usage: python -m remediation COMMAND [options]\n\n" + "\n".join(lines) + "\n"
    if arguments and arguments[0] in {"-h", "--help"}:
        sys.stdout.write(text)
        return 0
    if arguments:
        _complain(f"no such command: {arguments[0]}")
    sys.stderr.write(text)
    return BAD_INPUT
