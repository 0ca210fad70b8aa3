"""`channels test`: send something harmless to each channel, and say which took it.

The channels are those of the baseline, their secrets are read from this environment by the names it gives
them; without channels it is the one webhook. Nothing is recorded, and nobody is told that anything is wrong.
"""

import argparse
import sys

from remediation.app.outlets import Outlets, Tried
from remediation.cli.on_call import desk
from remediation.errors import InputError
from remediation.plain import plain


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["test"], help="what to do with them")
    parser.add_argument("--channel", metavar="NAME", help="only this one")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    tools = desk.tools(args, alone=True)
    sender = tools.sender
    assert isinstance(sender, Outlets)
    sender.use(tools.standard().routing)
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
