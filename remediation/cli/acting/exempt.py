"""`exempt FINDING --for 4h --reason TEXT`: leave what is open there alone for a time, and say why.

It holds for what was found and not for whatever the resource comes to hold meanwhile. It ends by itself, is
told, and stands in `exemptions`, which ends it sooner.
"""

import argparse

from remediation.cli.acting import hands, telling
from remediation.cli.acting.apply import not_done
from remediation.cli.acting.hands import NotDoneError
from remediation.cli.on_call import desk
from remediation.errors import InputError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("finding", metavar="FINDING", help="the id of an open finding")
    parser.add_argument(
        "--for", dest="length", metavar="TIME", required=True, help="30m, 4h, 2d, at most 90d"
    )
    parser.add_argument("--reason", metavar="TEXT", required=True, help="for whoever finds it open")
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")
    hands.configure(parser)


def run(args: argparse.Namespace) -> int:
    ours = hands.chosen(args)
    found = ours.show(args.finding)
    try:
        told = ours.ask(
            "exempt", found["id"], found["etag"], {"reason": args.reason, "exemptFor": args.length}
        )
    except NotDoneError as error:
        return not_done(error)
    except InputError as error:
        raise desk.with_options(error, {"exemptFor": "--for", "reason": "--reason"}) from error
    telling.done(told, args.format)
    return 0
