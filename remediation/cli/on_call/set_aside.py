"""`set-aside [PARTITION KEY | --all]`: put records of the ledger that cannot be read out of the way.

Without arguments they are listed with the command for each. One that is set aside is kept in the ledger for
RETENTION_DAYS and not known to the app any more: a finding is told anew, an exemption holds nothing back, and
without the record of what is in force the app begins stopped. What a later release wrote stays where it is.
"""

import argparse
import sys
from typing import TYPE_CHECKING

from remediation.cli.on_call import desk
from remediation.cli.parsing import as_typed
from remediation.errors import BastionGuardError, InputError
from remediation.landing_zone.commands import words
from remediation.plain import plain
from remediation.telling.cards.advice import APP

if TYPE_CHECKING:
    from remediation.on_call.tools import OnCall


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("partition", nargs="?", metavar="PARTITION", help="as health's details name it")
    parser.add_argument("key", nargs="?", metavar="KEY", help="likewise")
    parser.add_argument("--all", action="store_true", help="every record that the list names")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    from remediation.ledger.unreadable import named

    tools = desk.tools(args)
    if args.all and args.partition is not None:
        raise InputError("--all: goes with no record's name")
    if args.partition is None:
        listed = named(tools.ports.ledger)
        if not listed:
            sys.stdout.write("no record is known that cannot be read; every sweep looks for them anew\n")
        if args.all:
            damaged = [each for each in listed if not each.is_newer]
            return max((_set_aside(tools, each.partition, each.key) for each in damaged), default=0)
        for each in listed:
            todo = "no damage: publish that release again (docs/runbook.md, rolled-back)"
            if not each.is_newer:
                todo = as_typed(words(f"{APP} set-aside", each.partition, each.key))
            sys.stdout.write(f"{plain(each.partition)} {plain(each.key)}: {plain(each.why)}\n    {todo}\n")
        return 0
    if args.key is None:
        raise InputError("KEY: is missing; a record is named by its partition and its key")
    return _set_aside(tools, args.partition, args.key)


def _set_aside(tools: "OnCall", partition: str, key: str) -> int:
    """Set one aside; of several, one that cannot be stops no other."""
    from remediation.ledger.damaged import set_aside

    try:
        kept = set_aside(tools.ports.ledger, partition, key, desk.whoever(tools), tools.ports.clock.now())
    except BastionGuardError as error:
        desk.warn(str(error))
        return 1
    sys.stdout.write(f"set aside: {plain(partition)} {plain(key)}, kept as damaged {plain(kept)}\n")
    return 0
