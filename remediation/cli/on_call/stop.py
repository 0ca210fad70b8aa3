"""`stop [--reason TEXT]`: stop all repairs, for every worker of the deployed app, whatever its baseline says.

Everything is still judged and told, and what would be repaired is proposed; `undo` works. Needs the settings
of the deployed app and a sign-in that may write its ledger. `start` ends it.
"""

import argparse
import sys

from remediation.cli.on_call import desk
from remediation.cli.parsing import as_typed
from remediation.errors import UnreadableError
from remediation.plain import plain


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", metavar="TEXT", default="", help="why, for those who read of it")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    from remediation.reconciling.in_force.watch import BEFORE_A_WRITE

    tools = desk.tools(args)
    try:
        known = tools.in_force.read()
    except UnreadableError as error:
        desk.warn(str(error))
        sys.stdout.write(
            "nothing is repaired already: nobody can tell what is in force, so all is proposed\n"
        )
        sys.stdout.write(
            as_typed("to mend it: python -m remediation set-aside; the app then begins stopped\n")
        )
        return 0
    if known is not None and known.stop is not None:
        sys.stdout.write(f"nothing is repaired already: {plain(known.stop.text)}\n")
        return 0
    stop = tools.keeper.stop(desk.whoever(tools), args.reason).stop
    seconds = int(BEFORE_A_WRITE.total_seconds())
    sys.stdout.write(f"{'' if stop is None else plain(stop.text)}\n")
    sys.stdout.write(f"no worker begins a write from {seconds} seconds from now on; what runs now ends\n")
    sys.stdout.write(as_typed("what was written: python -m remediation history --kind written --since 2h\n"))
    sys.stdout.write(as_typed("to end it:        python -m remediation start\n"))
    return 0
