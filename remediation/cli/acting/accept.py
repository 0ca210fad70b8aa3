"""`accept FINDING`: what is there is declared from now on, until whoever deploys speaks again.

FINDING is an open finding of declared-drift. Whoever owns the resource is told, since the next deployment
undoes it unless its template is changed.
"""

import argparse

from remediation.cli.acting import hands, telling
from remediation.cli.acting.apply import not_done
from remediation.cli.acting.hands import NotDoneError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("finding", metavar="FINDING", help="the id of an open finding of declared-drift")
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")
    hands.configure(parser)


def run(args: argparse.Namespace) -> int:
    ours = hands.chosen(args)
    found = ours.show(args.finding)
    try:
        told = ours.ask("accept", found["id"], found["etag"], {})
    except NotDoneError as error:
        return not_done(error)
    telling.done(told, args.format)
    return 0
