"""`start [--reason TEXT]`: end a stop; the baseline holds again for every worker, and all is looked at."""

import argparse
import sys
from typing import TYPE_CHECKING

from remediation.cli.on_call import desk
from remediation.plain import plain

if TYPE_CHECKING:
    from remediation.ledger.decided.in_force import InForce


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", metavar="TEXT", default="", help="why, for those who read of it")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    tools = desk.tools(args)
    known = tools.in_force.read()
    if known is None:
        sys.stdout.write("nothing is stopped: nothing has ever been in force in this ledger\n")
    elif known.stop is None:
        sys.stdout.write(f"nothing is stopped: {_standing(known)}\n")
    else:
        now = tools.keeper.start(desk.whoever(tools), args.reason) or known
        sys.stdout.write(f"started: {_standing(now)}; everything is looked at within two minutes\n")
    return 0


def _standing(known: "InForce") -> str:
    return f"mode {known.mode}, baseline {plain(known.hash)}"
