"""A storm that is fetched: the changes of `storm.py` stand in an activity log, and no event is delivered.

    python benchmarks/storm_fetched.py [--changes 10000] [--resources 500] [--drifted 0.5] [--seed 1]

The log answers in pages of 200 records, out of order, one in five of them twice, each with its beginning.
`fetch_changes` runs through the runtime and again every minute, `reconcile` beside it; ARM throttles as in
`storm.py`, and the requests to the log are paid out of the same buckets.

    changes_per_second        changes handed in by fetch_changes, while reconcile runs beside it
    log_requests              requests to the activity log until quiet
    reads_per_target          looks: GETs of an NSG other than those around a write, per NSG that changed
    quiet_ratio               time to quiet / least time the buckets allow for what the scenario needs: what
                              `storm.py` needs, and the pages of the log, once
    duplicate_writes, duplicate_announcements, lost    0 is the aim
    echo_reads                GETs that the echoes of our own writes cost, when they are fetched afterwards
    peak_mb                   the functions process
"""

import argparse
import asyncio
import itertools
import json
import logging
import math
import os
import random
import resource
import sys
import tempfile
import time
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.arm_process import ArmProcess, arm_process  # noqa: E402  the path comes first
from benchmarks.reconcile import CLOSED, OPEN, nsg  # noqa: E402
from benchmarks.storm import (  # noqa: E402
    CALLER,
    PATIENCE,
    READS_AROUND_A_WRITE,
    figures,
    least_seconds,
    open_still,
    settings,
    topic_process,
)
from lab.functions_host import FunctionsHost  # noqa: E402

EVERY = 60.0
LOG = {"page_size": 200, "log_doubled": 0.2, "log_begun": True}
RECORDS = 2.2  # of each change: its beginning, its end, and one in five of them twice
LOGS = "/eventtypes/"
OPERATION = "Microsoft.Network/networkSecurityGroups/write"


@dataclass(frozen=True, slots=True)
class Played:
    """Seconds of the first round and to quiet, failures, the peak in MB, ARM's log until quiet."""

    fetching: float
    seconds: float
    failures: int
    peak: float
    log: list[dict[str, Any]]


def changes(count: int, identities: list[str], rng: random.Random) -> list[dict[str, Any]]:
    """Changes of every NSG in turn until there are enough, in no order, of the last quarter of an hour."""
    wanted = itertools.islice(itertools.cycle(identities), count)
    told = [
        {"resourceId": identity, "operation": OPERATION, "secondsAgo": rng.uniform(150, 900)}
        for identity in wanted
    ]
    rng.shuffle(told)
    return told


async def drained(host: FunctionsHost) -> None:
    """Wait until nothing is queued or running: a storage account does not tell when."""
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        if not await host.queued() and not host.busy:
            return
        await asyncio.sleep(0.05)


async def play(arm: ArmProcess) -> tuple[Played, int]:
    """Fetch until everything is quiet; then fetch the echoes, and count what they cost."""
    async with FunctionsHost(ROOT, key="storm") as host:
        start = time.perf_counter()
        await host.run_timer("fetch_changes")
        fetching, last = time.perf_counter() - start, time.perf_counter()
        while await host.queued() or host.busy:
            if time.perf_counter() - start > PATIENCE:
                raise SystemExit(f"not quiet after {PATIENCE:.0f} s")
            if time.perf_counter() - last > EVERY:
                await host.run_timer("fetch_changes")
                last = time.perf_counter()
            await asyncio.sleep(0.05)
        seconds, log = time.perf_counter() - start, arm.get("log")
        await host.run_timer("fetch_changes")
        await drained(host)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Played(fetching, seconds, len(host.failures), peak, log), len(arm.get("log")) - len(log)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--resources", type=int, default=500)
    parser.add_argument("--drifted", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    drifted = round(args.resources * args.drifted)
    documents = [
        {**nsg(number, OPEN if number < drifted else CLOSED), "etag": f'W/"{uuid.uuid4()}"'}  # as ARM's have
        for number in range(args.resources)
    ]
    identities = [document["id"] for document in documents]
    with (
        arm_process("--throttling") as arm,
        topic_process() as topic,
        tempfile.TemporaryDirectory() as folder,
    ):
        arm.seed(documents)
        arm.post("settings", LOG)
        arm.post("changes", changes(args.changes, identities, random.Random(args.seed)))
        settings(arm, topic, folder)
        os.environ["CHANGES_FROM"] = "activityLog"
        played, echo_reads = asyncio.run(play(arm))
        # Other reads than GETs of resources are what fetching costs; they are told apart.
        requests = [entry for entry in played.log if LOGS in entry["path"]]
        found = figures([entry for entry in played.log if LOGS not in entry["path"]], identities, drifted)
        everything = figures(arm.get("log"), identities, drifted)
        with urllib.request.urlopen(f"{topic['url']}/_ids", timeout=30) as answer:  # noqa: S310  loopback only
            announced = json.loads(answer.read())
        lost = open_still(arm, identities) + abs(len(set(announced)) - drifted) + played.failures
    pages = math.ceil(args.changes * RECORDS / 200)
    needed = args.resources + drifted * READS_AROUND_A_WRITE + pages
    print(f"changes_per_second: {args.changes / played.fetching:.0f}")
    print(f"log_requests: {len([entry for entry in requests if entry['caller'] == CALLER])}")
    print(f"reads_per_target: {found['reads_per_target']:.3f}")
    print(f"other_reads_per_target: {found['other_reads_per_target']:.3f}")
    print(f"quiet_ratio: {played.seconds / least_seconds(needed, drifted):.3f}")
    print(f"duplicate_writes: {everything['duplicate_writes']}")
    print(f"duplicate_announcements: {len(announced) - len(set(announced))}")
    print(f"lost: {lost}")
    print(f"echo_reads: {echo_reads}")
    print(f"peak_mb: {played.peak:.0f}")
    print(f"seconds_to_quiet: {played.seconds:.1f}")
    print(f"seconds_of_fetching: {played.fetching:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
