"""`look RESOURCE`: have the deployed app look at a resource now, whatever it remembers of it.

What ARM refused before is tried again, and what a sweep found needs no event for it. RESOURCE is an id; of a
finding's name, ``RULE RESOURCE``, the id at its end does. The id of a finding, as card and page show it, has
its resource looked at while one waits.
"""

import argparse
import sys

from remediation.cli.acting import hands, telling
from remediation.cli.on_call import desk
from remediation.errors import InputError
from remediation.plain import plain, shown


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "resource", metavar="RESOURCE", nargs="+", help="an ARM id, or a finding's id or name"
    )
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    from remediation.on_call.listing.identity import parts_of
    from remediation.on_call.replay_request import read

    resource = " ".join(args.resource).split()[-1:]
    if parts_of(resource[0] if resource else "") is not None:
        telling.done(hands.chosen(args).ask("look", resource[0], "", {}), "table")
        return 0
    tools = desk.tools(args)
    request = read({"resources": resource}, tools.ports.clock.now())
    gathered = tools.replay(request)
    if gathered.refused:
        raise InputError(f"{shown(resource[0])}: {plain(gathered.refused[0])}")
    if not gathered.work:
        raise InputError(f"{shown(resource[0])}: no rule is about it, nor about anything it leads to")
    for key in gathered.work:
        sys.stdout.write(f"queued a look at {plain(gathered.work[key].message.target or resource[0])}\n")
    then = desk.typed(args, f"history --replay {gathered.replay_id}")
    sys.stdout.write(f"what comes of it: {then}\n")
    return 0
