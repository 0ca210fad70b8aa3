"""`export`: one subscription as an estate file, read only, with what could not be read named in it.

What `scan`, `ways-in` and `exposure` say of the file is what they would have said of the subscription then.
Exit status: 0; 3 where the subscription shows nothing at all.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from remediation import baseline
from remediation.adapters.clock import SystemClock
from remediation.cli.estates.inputs import SIGNED_IN, connect, the_subscription, warn
from remediation.cli.output import into_file
from remediation.cli.output.progress import shown
from remediation.estates.scanning import scan
from remediation.plain import plain
from remediation.rules import judged_types

NOTHING_SHOWN = 3


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--subscription",
        metavar="ID",
        nargs="?",
        const=SIGNED_IN,
        required=True,
        help="the subscription, by id or name; without, the one of `az login`",
    )
    parser.add_argument("-o", "--output", metavar="PATH", required=True, help="the estate file to write")


def run(args: argparse.Namespace) -> int:
    args.subscription = the_subscription(args.subscription)
    into_file.check("--output", args.output)
    clock = SystemClock()
    with shown(then="reading what belongs to each") as progress:
        live = connect(args.subscription.lower(), progress.say)
        subjects = live.subjects(judged_types())
        progress.begin(len(subjects))
        scan(live, subjects, baseline.NOTHING, clock.now(), progress.tick)
        live.read_leads()
    exported = live.export()
    found = len(exported["value"])
    into_file.write("--output", args.output, json.dumps(exported, indent=1) + "\n")
    warn(_refused(exported["bastionGuard"]))
    sys.stderr.write(f"remediation: wrote {found:,} resources to {plain(args.output)}\n")
    if found:
        return 0
    sys.stderr.write(f"remediation: subscription {plain(args.subscription)} shows nothing to you\n")
    return NOTHING_SHOWN


def _refused(facts: Mapping[str, Any]) -> Iterator[str]:
    """A line for each type that could not be listed; what a single document refused stands in the file."""
    types = {str(one["type"]): str(one["reason"]) for one in facts["unread"] if "type" in one}
    yield from (f"{kind} could not be read: {reason}" for kind, reason in sorted(types.items()))
    single = sum("id" in one for one in facts["unread"])
    if single:
        yield f"{single:,} resources that something names could not be read; the file names them"
