"""`accept FINDING`: what is there is declared from now on, until whoever deploys speaks again.

FINDING is an open finding of declared-drift: the id of its resource, or ``declared-drift ID`` as the card has
it. Whoever owns the resource is told, since the next deployment undoes it unless its template is changed.
"""

import argparse
import sys

from remediation.cli.on_call import desk
from remediation.plain import plain


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("finding", metavar="FINDING", nargs="+", help="an ARM id, or a finding's name")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    tools = desk.tools(args, judging=True)
    accepter = tools.accepter(desk.whoever(tools))
    accepted = accepter.accept(accepter.find(" ".join(args.finding)))
    sys.stdout.write(f"declared from now on: {plain(accepted.resource.text)}\n")
    for one in accepted.differences:
        sys.stdout.write(f"    {plain(one.path or 'that it is gone')}\n")
    sys.stdout.write("the next deployment undoes it, unless its template says the same by then\n")
    return 0
