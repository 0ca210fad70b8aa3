"""`why RESOURCE [--port N]`: why a port was, or was not, closed.

Looks at the resource as the app would now (nothing is written or announced), and tells what holds a repair
back and until when, with the last looks and writes. RESOURCE is an id; of a machine, an interface or a
subnet the groups of rules in front of it are looked at. Exit status 0, 3 when nothing could be looked at.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from remediation.cli.on_call import desk
from remediation.errors import InputError
from remediation.resource_id import ResourceId

if TYPE_CHECKING:
    from remediation.on_call.why.answer import Answer

NOTHING_JUDGED = 3
BLIND = frozenset({"trouble", "not-watched", "not-judged"})
HIGHEST_PORT = 65535


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("resource", metavar="RESOURCE", help="an ARM id")
    parser.add_argument("--port", metavar="N", type=int, help="only what is about this port")
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    if args.port is not None and not 0 < args.port <= HIGHEST_PORT:
        raise InputError(f"--port {args.port}: must be from 1 to {HIGHEST_PORT}")
    try:
        resource = ResourceId.parse(args.resource)
    except InputError as error:
        raise InputError(f"RESOURCE: {error}") from error
    answers = desk.tools(args, judging=True).asker().why(resource, args.port)
    _print(answers, args.format)
    for note in dict.fromkeys(answer.note for answer in answers if answer.note):
        desk.warn(note)
    return NOTHING_JUDGED if all(answer.outcome in BLIND for answer in answers) else 0


def _print(answers: "list[Answer]", form: str) -> None:
    if form == "json":
        sys.stdout.write(json.dumps([answer.to_json() for answer in answers], indent=2) + "\n")
        return
    from rich.console import Console

    from remediation.cli.output.why_table import show

    show(answers, Console(highlight=False))
