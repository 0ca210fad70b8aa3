"""`sweep --now`: have the deployed app look at everything, in its own time."""

import argparse
import sys

from remediation.cli.on_call import desk


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--now", action="store_true", required=True, help="do not wait for the timer")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    from remediation.messages import Message

    tools = desk.tools(args)
    for subscription in sorted(tools.policy.subscriptions):
        scope = f"/subscriptions/{subscription}"
        tools.ports.queue.send(Message(sweep=scope, reason="replay", force=True))
        sys.stdout.write(f"queued a look at everything in {scope}\n")
    return 0
