"""`replay`: look again at past events, by the deployed app or here, or only see what would happen.

Needs the settings of the deployed app (`SUBSCRIPTIONS`, `AzureWebJobsStorage` ...) in the environment and a
sign-in that may send to its queue. `--local` works the replay off in this process, with the claims of the
app's ledger where its storage is named; `--dry-run` writes and announces nothing. What was sent or done
stays so when a replay is interrupted; repeating one costs a look each.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from remediation.cli.on_call import desk
from remediation.cli.on_call.past_files import read_events
from remediation.cli.output.progress import Progress, shown
from remediation.errors import InputError

if TYPE_CHECKING:
    from remediation.on_call.replay import Gathered
    from remediation.on_call.replay_request import Request
    from remediation.on_call.tools import OnCall

OPTIONS = {
    "since": "--since", "until": "--until", "rule": "--rule", "resource": "--resource",
    "resourceGroup": "--group", "resourceType": "--type", "actor": "--actor", "outcome": "--outcome",
    "ids": "--id", "limit": "--limit",
}  # fmt: skip
MOST_TARGETS = 1000
LONGEST_WAIT = 900.0
PAUSE = 2.0
BAD_INPUT = 2
"""The exit status where not one of the events that were given can be used."""

type Told = tuple["Gathered", dict[str, Any]]
"""What a replay came upon, and what is printed of it."""


def configure(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--file",
        metavar="PATH",
        nargs="+",
        help="events or records of the activity log: one, a list, JSON lines, a dead letter; - for stdin",
    )
    source.add_argument("--inbox", action="store_true", help="events that came in")
    source.add_argument("--dead-letters", action="store_true", help="events that could not be delivered")
    source.add_argument("--poison", action="store_true", help="messages that failed too often")
    source.add_argument("--activity-log", action="store_true", help="changes of which no event reached us")
    parser.add_argument("--since", metavar="TIME", help="2026-10-20T03:00Z, or 6h for six hours ago (24h)")
    parser.add_argument("--until", metavar="TIME", help="as --since; now unless given")
    parser.add_argument("--rule", metavar="RULE", help="only what this rule judges; a dry run switches it on")
    parser.add_argument("--resource", metavar="ID", help="only this resource and what lies below it")
    parser.add_argument("--group", metavar="NAME", help="only this resource group")
    parser.add_argument("--type", metavar="TYPE", help="only resources of this type")
    parser.add_argument("--actor", metavar="TEXT", help="only changes by whom this text names")
    parser.add_argument("--outcome", metavar="ENDING", help="only inbox events that ended so: gave-up ...")
    parser.add_argument("--id", metavar="ID", action="append", help="only these events of the inbox")
    parser.add_argument("--limit", metavar="N", type=int, help="at most so many pieces of work (1000)")
    parser.add_argument("--dry-run", action="store_true", help="judge live, show the plan, write nothing")
    parser.add_argument("--local", action="store_true", help="work it off in this process")
    parser.add_argument("--wait", action="store_true", help="wait for the app and sum up what came of it")
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    from remediation.adapters.clock import SystemClock

    request = _request(args, SystemClock())
    if args.local and args.app:
        raise InputError("--local: does not go with --app, which works it off itself")
    here = args.local or args.dry_run
    tools = desk.tools(args, alone=here, judging=here)
    if args.dry_run:
        gathered, told = _preview(tools, request)
    elif args.local:
        gathered, told = _work_off(tools, request)
    else:
        gathered, told = _queue(tools, request, wait=args.wait)
    _print(told, args.format)
    return BAD_INPUT if args.file and gathered.refused and not gathered.usable else 0


def _request(args: argparse.Namespace, clock: Any) -> "Request":
    from remediation.on_call.replay_request import SOURCES, read

    events = read_events(args.file) if args.file else None
    source = next((name for name in sorted(SOURCES) if getattr(args, name.replace("-", "_"))), None)
    wanted = {
        "source": source, "since": args.since, "until": args.until, "rule": args.rule, "limit": args.limit,
        "resource": args.resource, "resourceGroup": args.group, "resourceType": args.type,
        "actor": args.actor, "outcome": args.outcome, "ids": args.id, "dryRun": args.dry_run,
        "events": None if events is None else [],
    }  # fmt: skip
    try:
        request = read({key: value for key, value in wanted.items() if value is not None}, clock.now())
    except InputError as error:
        raise desk.with_options(error, OPTIONS) from error
    return request if events is None else replace(request, events=tuple(events))


# The three ways -----------------------------------------------------------------------------------


def _preview(tools: "OnCall", request: "Request") -> Told:
    with shown("reading the source") as progress:
        gathered, found, left = tools.preview(request, most=MOST_TARGETS, watch=progress)
    told = {**gathered.to_json(), "queued": 0, "dryRun": True, "notLookedAt": left}
    counted = Counter(prospect.outcome for prospect in found)
    targets = [prospect.to_json() for prospect in found]
    return gathered, {**told, "outcomes": dict(counted), "targets": targets}


def _queue(tools: "OnCall", request: "Request", *, wait: bool) -> Told:
    with shown("reading the source", "queueing") as progress:
        gathered = tools.replay(request, progress)
        outcomes = _await(tools, gathered, progress) if wait else {}
    return gathered, {**gathered.to_json(), "outcomes": outcomes}


def _await(tools: "OnCall", gathered: "Gathered", progress: Progress) -> dict[str, int]:
    """How the pieces ended, as the app notes it; what has not in a quarter of an hour is ``waiting``."""
    left = {key: past.message for key, past in gathered.work.items()}
    ended: Counter[str] = Counter()
    deadline = tools.ports.clock.now().timestamp() + LONGEST_WAIT
    progress.begin(len(left))
    while left and tools.ports.clock.now().timestamp() < deadline:
        for key, message in list(left.items()):
            outcome = tools.sources.inbox.outcome(message)
            if outcome:
                ended[outcome] += 1
                del left[key]
                progress.tick()
        if left:
            tools.ports.clock.sleep(PAUSE)
    return {**ended, **({"waiting": len(left)} if left else {})}


def _work_off(tools: "OnCall", request: "Request") -> Told:
    from remediation.adapters.memory.storage import MemoryQueue
    from remediation.cli.on_call.draining import Drain

    clock, queue = tools.ports.clock, tools.ports.queue
    queue = queue if isinstance(queue, MemoryQueue) else MemoryQueue(clock)
    local = tools.on_queue(queue)
    ended: Counter[str] = Counter()
    with shown("reading the source", "working") as progress:
        gathered = local.replay(request)
        progress.begin(len(gathered.work))
        drain = Drain(queue, clock)
        try:
            drain.work(local.worker(), partial(_count, ended, progress))
            drain.cards(tools.sender)
        except KeyboardInterrupt:
            progress.say(f"interrupted after {sum(ended.values())} pieces; repeat the command to go on")
            raise
    return gathered, {**gathered.to_json(), "outcomes": dict(ended)}


def _count(ended: Counter[str], progress: Progress, outcome: Any) -> None:
    if outcome.ending.value != "handed-on":
        ended[outcome.word] += 1
        progress.tick()


# Output -------------------------------------------------------------------------------------------


def _print(told: dict[str, Any], form: str) -> None:
    if form == "json":
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return
    from rich.console import Console

    from remediation.cli.output.replay_table import show

    show(told, Console(highlight=False))
