"""Completion on the command line, by argcomplete: what may follow, asked of the parsers themselves.

A shell that completes starts the program with `_ARGCOMPLETE` set and reads the answer from a file descriptor
of its own. Only the parser of the command that is being typed is made, so that an answer takes no longer than
`--help`.
"""

import argparse
import os
from collections.abc import Callable, Mapping

from remediation.cli.parsing import INSTALLED

SHELLS = ("bash", "zsh", "powershell")
ASKED, LINE = "_ARGCOMPLETE", "COMP_LINE"


def is_asked() -> bool:
    """Whether a shell wants to know what may follow, and nothing else."""
    return ASKED in os.environ and LINE in os.environ


def complete(
    commands: Mapping[str, str], configure: Callable[[str, argparse.ArgumentParser], object]
) -> None:
    """Answer the shell, and end the process; returns where no shell asks."""
    from argcomplete.completers import FilesCompleter
    from argcomplete.finders import CompletionFinder

    parser = argparse.ArgumentParser(prog=INSTALLED)
    below = parser.add_subparsers()
    typed = os.environ[LINE].split()
    for name, text in commands.items():
        one = below.add_parser(name, help=text)
        if name in typed:
            configure(name, one)
    CompletionFinder()(parser, default_completer=FilesCompleter())


def script(shell: str) -> str:
    """What a shell's profile has to hold."""
    from argcomplete.shell_integration import shellcode

    text = shellcode([INSTALLED], shell=shell)
    return text if text.endswith("\n") else text + "\n"
