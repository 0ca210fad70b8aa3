"""A verb that takes an open finding and nothing else."""

import argparse

from remediation.cli.acting import hands, telling
from remediation.cli.acting.apply import not_done
from remediation.cli.acting.hands import NotDoneError


def configure(parser: argparse.ArgumentParser, which: str) -> None:
    parser.add_argument("finding", metavar="FINDING", help=which)
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")
    hands.configure(parser)


def run(args: argparse.Namespace, verb: str) -> int:
    """Ask for it as the finding is shown now; the exit status."""
    ours = hands.chosen(args)
    found = ours.show(args.finding)
    try:
        told = ours.ask(verb, found["id"], found["etag"], {})
    except NotDoneError as error:
        return not_done(error)
    telling.done(told, args.format)
    return 0
