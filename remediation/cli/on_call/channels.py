"""`channels test`: send something harmless to each channel, and say which took it.

The channels are those of the baseline, their secrets are read from this environment by the names it gives
them; without channels it is the one webhook. Nothing is recorded, and nobody is told that anything is wrong.
"""

import argparse
import sys

from remediation.app import App
from remediation.app.outlets import Outlets, Tried
from remediation.cli.on_call.desk import configure as configure_desk
from remediation.cli.on_call.desk import environment
from remediation.errors import InputError
from remediation.plain import plain


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["test"], help="what to do with them")
    parser.add_argument("--channel", metavar="NAME", help="only this one")
    configure_desk(parser)


def run(args: argparse.Namespace) -> int:
    sender = App(environment(args, alone=True)).on_call().sender
    assert isinstance(sender, Outlets)
    tried = sender.try_out(args.channel)
    if not tried:
        raise InputError(f"--channel {args.channel}: no such channel in the baseline")
    width = max(len(each.channel) for each in tried)
    for each in tried:
        sys.stdout.write(f"{each.channel:<{width}}  {_said(each)}\n")
    return 1 if any(each.refused for each in tried) else 0


def _said(tried: Tried) -> str:
    if tried.refused:
        return f"REFUSED  {plain(tried.refused)}"
    return f"accepted{f', {tried.note}' if tried.note else ''}"
