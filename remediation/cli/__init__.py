"""The command line: `bastion-guard COMMAND`, which is `python -m remediation COMMAND` in a checkout.

Each command is a module with `configure(parser)` and `run(args) -> int`, in the room of those who ask:

    estates     what documents say: scan, preflight, ways-in, exposure, export
    catalogue   the rules and a baseline by themselves: rules, explain, baseline; and completion
    acting      one finding of a deployed app: apply, exempt, ack, accept
    on_call     a deployed app: stop, start, replay, history, why, undo, look, channels, doctor ...
    declaring   what a deployed app takes for declared: declare
    output      tables, pages, SARIF and progress that the commands share
    parsing     the program's name, parsers and help; completing answers a shell that completes
    az_profile  the subscriptions that `az login` wrote down; finding_app is what `--app` means

Only the chosen command is imported, so that `--help` and `exposure` do not pay for the Azure SDKs.

Exit status, the same everywhere: 0 fine; 1 for findings or open ways at or above the threshold (of `doctor`
what is bad, of what is done about a finding that it was refused, or changed since it was shown); 2 for bad
input or configuration, one line on standard error for each mistake; 3 where nothing could be judged or looked
at; 130 after Ctrl-C. A traceback means a bug of ours.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from remediation import __version__
from remediation.cli import completing, parsing
from remediation.errors import BastionGuardError, InputError, NothingShownError
from remediation.plain import plain

BAD_INPUT = 2
NOTHING = 3
INTERRUPTED = 130
LONGEST_LINE, LONGEST_END = 2000, 500

COMMANDS: dict[str, str] = {
    "scan": "what drifted in a whole estate, from files or live",
    "preflight": "what a deployment would open, close or break, before it is made",
    "ways-in": "who on the internet can reach which machine, and how",
    "exposure": "who on the internet can reach a port through an NSG",
    "export": "a subscription as an estate file, read only",
    "rules": "the catalogue of rules",
    "explain": "what one rule finds, why it matters and how it is repaired",
    "baseline": "whether a baseline can be used, and what holds for a resource",
    "replay": "look again at past events, or see what would happen",
    "history": "what was judged, written and announced",
    "why": "why a port was, or was not, closed: what holds it back, until when, what happened last",
    "apply": "make a proposed repair, proven anew",
    "exempt": "leave a finding alone for a time, and say why",
    "ack": "take a finding on: quiet until it changes",
    "undo": "take a repair back",
    "exemptions": "what is left alone, by whose word and until when; end it, shorten it, prolong it",
    "stop": "stop all repairs at once, for every worker of a deployed app",
    "start": "end a stop",
    "look": "have the app look at a resource or a finding now",
    "sweep": "have the app look at everything",
    "declare": "give a deployed app what your team's own files declare; list it, take it back",
    "accept": "declare what is there, until the next deployment says otherwise",
    "set-aside": "put records of the ledger that cannot be read out of the way, and keep them",
    "channels": "send something harmless to each channel that alerts go to",
    "doctor": "whether a deployed app can do its work, and what is missing",
    "completion": "what makes Tab complete commands and options in bash, zsh and PowerShell",
}

# The room of this package in which a command's module stands.
_ROOMS = {
    "estates": ("scan", "preflight", "ways-in", "exposure", "export"),
    "catalogue": ("rules", "explain", "baseline", "completion"),
    "acting": ("apply", "exempt", "ack", "accept"),
    "on_call": (
        "replay",
        "history",
        "why",
        "undo",
        "exemptions",
        "stop",
        "start",
        "look",
        "sweep",
        "set-aside",
        "channels",
        "doctor",
    ),
    "declaring": ("declare",),
}


_TITLES = {
    "estates": "what you have, from files or live",
    "catalogue": "rules and baseline",
    "acting": "a finding of a deployed app (--app NAME_OR_GROUP)",
    "on_call": "a deployed app (--app NAME_OR_GROUP)",
    "declaring": "what counts as declared (--app NAME_OR_GROUP)",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; what a user did wrong is one line each, never a traceback."""
    if completing.is_asked():
        completing.complete(COMMANDS, lambda name, parser: _module(name).configure(parser))
    arguments = list(sys.argv[1:] if argv is None else argv)
    match arguments:
        case ["--version" | "-V"]:  # of a process of its own, __main__ says it sooner
            return _said(f"{parsing.INSTALLED} {__version__}\n")
        case ["help", command] if command in COMMANDS:
            return _run(lambda: _said(parser_of(command).format_help()))
        case ["-h" | "--help"] | ["help"]:
            return _run(lambda: _said(_usage()))
        case ["help", command, *_]:
            return _no_such(command)
        case [command, *rest] if command in COMMANDS:
            _hush()
            return _run(lambda: _module(command).run(parser_of(command).parse_args(rest)))
        case [command, *_]:
            return _no_such(command)
    sys.stderr.write(_usage())
    return BAD_INPUT


def parser_of(command: str, *, prog: str = "", columns: int = 0) -> argparse.ArgumentParser:
    """The argument parser of a command, for this terminal unless `prog` and `columns` say otherwise."""
    parser = parsing.parser(command, COMMANDS[command], prog=prog, columns=columns)
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
        return NOTHING
    except KeyboardInterrupt:
        sys.stderr.write("remediation: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        _drop_what_is_left()  # the reader (head, less) went away
        return 0
    except OSError as error:
        _drop_what_is_left()
        _complain(f"cannot go on: {error.strerror or error}")
        return NOTHING
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


def _said(text: str) -> int:
    sys.stdout.write(text)
    return 0


def _hush() -> None:
    """Keep the SDK's own account of every sign-in that failed; what came of it is in our line."""
    import logging

    logging.getLogger("azure").addHandler(logging.NullHandler())


def _no_such(command: str) -> int:
    import difflib

    close = difflib.get_close_matches(command, [*COMMANDS, "help"], n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    _complain(f"no such command: {command}{hint}")
    sys.stderr.write(_usage())
    return BAD_INPUT


def _usage() -> str:
    return parsing.usage({_TITLES[room]: commands for room, commands in _ROOMS.items()}, COMMANDS)
