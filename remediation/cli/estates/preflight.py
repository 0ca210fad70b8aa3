"""`preflight`: judge a deployment before it is made, and say what it would bring. Nothing is written.

Exit status: 1 when the change brings a finding at or above `--fail-on` (medium unless told otherwise) or,
with `--fail-on-unknown`, when something could not be judged; 3 when nothing could be judged; else 0.
"""

import argparse
import json
import sys
from functools import partial

from remediation.adapters.clock import SystemClock
from remediation.baseline import Baseline
from remediation.cli.estates.inputs import (
    check_source,
    collect,
    read_baseline,
    the_subscription,
    threshold,
    warn,
)
from remediation.cli.estates.preflight_inputs import Input, check, read_input
from remediation.cli.estates.scan import NOTHING_JUDGED
from remediation.cli.output.progress import shown
from remediation.errors import InputError
from remediation.estates.deployments.preflight import Preflight, preflight
from remediation.estates.files import EstateFile, read_all
from remediation.plain import plain


def configure(parser: argparse.ArgumentParser) -> None:
    change = parser.add_mutually_exclusive_group(required=True)
    change.add_argument("--what-if", metavar="PATH", help="what `az deployment ... what-if` says, as JSON")
    change.add_argument("--snapshot", metavar="PATH", help="what `bicep snapshot` wrote: exact, our advice")
    change.add_argument("--bicepparam", metavar="PATH", help="a parameter file; the Bicep CLI predicts it")
    change.add_argument("--template", metavar="PATH", help="an ARM template, as `bicep build` writes it")
    change.add_argument("--terraform-plan", metavar="PATH", help="a plan as `terraform show -json` prints it")
    parser.add_argument("--parameters", metavar="PATH", help="the parameter file of --template")
    over = parser.add_mutually_exclusive_group()
    over.add_argument(
        "--estate", metavar="PATH", nargs="+", action="extend", help="files with what is there now"
    )
    over.add_argument("--live", metavar="ID", help="read what a subscription holds now, as you are signed in")
    parser.add_argument("--resource-group", metavar="NAME", help="where a template goes")
    parser.add_argument("--subscription", metavar="ID", help="where it goes; nothing is read there")
    parser.add_argument("--location", metavar="REGION", help="the region of the group, or of the deployment")
    parser.add_argument("--baseline", metavar="PATH", help="what should be; defaults hold without one")
    parser.add_argument(
        "--open-world",
        metavar="TYPE",
        action="append",
        default=[],
        help="a resource type the estate's files do not cover, may be given repeatedly",
    )
    parser.add_argument(
        "--format",
        choices=["table", "json", "sarif", "markdown"],
        default="table",
        help="markdown: a comment for a pull request",
    )
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        default="medium",
        help="exit 1 for new findings from here on: info, low, medium (the default), high, critical, never",
    )
    parser.add_argument(
        "--fail-on-unknown", action="store_true", help="exit 1 when something could not be judged"
    )


def run(args: argparse.Namespace) -> int:
    mistakes: list[str] = []
    least = collect(mistakes, partial(threshold, args.fail_on))
    collect(mistakes, partial(check, args))
    collect(mistakes, partial(_check_source, args))
    clock = SystemClock()
    standard = collect(mistakes, partial(read_baseline, args.baseline, clock.now()))
    files = collect(mistakes, partial(read_all, args.estate)) if args.estate else []
    asked = None if mistakes else collect(mistakes, partial(read_input, args, files or []))
    if mistakes or standard is None or files is None or asked is None:
        raise InputError(mistakes)
    result = _judged(args, asked, standard, files)
    warn(result.warnings)
    warn(
        f"{failure.rule} failed on {failure.resource}: {type(failure.error).__name__}: {failure.error}"
        for failure in result.failures
    )
    _print(result, args)
    new = [one.finding for one in result.changes if one.change == "new"]
    if least is not None and any(one.severity >= least for one in new):
        return 1
    if args.fail_on_unknown and (result.unknowns or result.places):
        return 1
    if result.evaluated or result.changes:
        return 0
    sys.stderr.write("remediation: nothing was judged: the change holds nothing that a rule could judge\n")
    return NOTHING_JUDGED


def _check_source(args: argparse.Namespace) -> None:
    """Subscriptions get their ids, where they were given by name."""
    if args.subscription is not None:
        args.subscription = the_subscription(args.subscription)
    source = argparse.Namespace(subscription=args.live, open_world=args.open_world)
    check_source(source)
    args.live = source.subscription
    if args.open_world and not args.estate:
        raise InputError("--open-world: goes with --estate")


def _judged(args: argparse.Namespace, asked: Input, standard: Baseline, files: list[EstateFile]) -> Preflight:
    now = SystemClock().now()
    if args.live is None:
        return preflight(files, asked.prediction, asked.target, standard, now, args.open_world)
    from remediation.cli.estates.preflight_live import over_subscription

    with shown("reading the subscription") as progress:
        return over_subscription(args.live.lower(), asked, standard, now, progress)


# Output ------------------------------------------------------------------------------------------


def _print(result: Preflight, args: argparse.Namespace) -> None:
    if args.format == "table":
        from rich.console import Console

        from remediation.cli.output.preflight_table import show

        show(result, Console(highlight=False))
        return
    for line in result.notes:
        sys.stderr.write(f"remediation: note: {plain(line)}\n")
    if args.format == "markdown":
        from remediation.cli.output.preflight_markdown import markdown

        sys.stdout.write(markdown(result))
        return
    document = result.to_json()
    if args.format == "sarif":
        from remediation.cli.output.preflight_sarif import sarif

        document = sarif(result)
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
