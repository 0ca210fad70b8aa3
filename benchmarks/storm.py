"""A storm: many events over some NSGs, half of them drifted, against an ARM that throttles.

    python benchmarks/storm.py [--events 10000] [--resources 500] [--drifted 0.5] [--workers 1] [--seed 1]

The scenario: after an outage Event Grid delivers what happened meanwhile. Every NSG was changed a few times;
events arrive shuffled and many of them more than once. They enter through the runtime's invocation of
on_resource_change while the queue is worked on; `reconcile` runs through the runtime, with the concurrency of
host.json. ARM and the drift topic are processes of their own; ARM's token buckets refuse (250 reads, 25 a
second; 200 writes, 10 a second), and its log supplies reads, writes and times.

    events_per_second         events accepted by on_resource_change, while reconcile runs beside it
    reads_per_target          looks: GETs of an NSG other than those around a write, per NSG that changed
    other_reads_per_target    all other reads per NSG: subnets, locks, operations, around writes
    quiet_ratio               time to quiet / least time the buckets allow for what the scenario needs: a look
                              per NSG, its subnet, and per drifted one what a write takes (see NEEDED)
    duplicate_writes, duplicate_announcements, lost    0 is the aim
    peak_mb                   the functions process; with several, the largest, and a line for each

With --workers N there are N functions hosts, each a process, with queues and ledger on the storage emulator;
each has looked at a few groups of no account before the storm begins (what is cold is cold_start.py's). The
emulator passes over all messages at each call: with 10,000 of them it is what the time to quiet goes to.
"""

import argparse
import asyncio
import collections
import itertools
import json
import logging
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.arm_process import ArmProcess, arm_process  # noqa: E402  the path comes first
from benchmarks.played import Played  # noqa: E402
from benchmarks.reconcile import CLOSED, OPEN, SUBSCRIPTION, event, nsg  # noqa: E402
from lab.functions_host import FunctionsHost  # noqa: E402
from lab.functions_host.protos import TypedData  # noqa: E402

CALLER = "bastion-guard"
CHANGES = 4  # of each NSG, before the storm
AT_ONCE = 16  # deliveries under way at a time, to each host
# Reads a write takes by design: locks and policy exemptions, the confirming read, two looks at its operation
# (it runs at first), and the verifying read.
READS_AROUND_A_WRITE = 6
PATIENCE = 600.0
WARMING = 8  # groups of no account for each host, before the storm
REFILLED = 10.0  # seconds after which ARM's bucket holds 250 reads again


@contextmanager
def topic_process() -> Iterator[dict[str, str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.topic_process"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=20)


def storm(count: int, identities: list[str], rng: random.Random, first: int = 0) -> list[str]:
    """Event texts: CHANGES of each NSG, repeated until there are enough, in no order, all minutes old.

    Their ids are numbered from the `first` NSG on: those of two storms are not to be the same.
    """
    now = datetime.now(UTC)
    changes = []
    for number, identity in enumerate(identities, first):
        for change in range(CHANGES):
            when = now - timedelta(seconds=rng.uniform(150, 900))
            document = json.loads(event(number * CHANGES + change, identity))
            changes.append(json.dumps({**document, "time": when.isoformat().replace("+00:00", "Z")}))
    events = list(itertools.islice(itertools.cycle(changes), count))
    rng.shuffle(events)
    return events


def settings(arm: ArmProcess, topic: dict[str, str], folder: str) -> None:
    baseline = Path(folder) / "baseline.json"
    limits = {"maxWritesPerHour": 1_000_000}
    baseline.write_text(json.dumps({"version": 1, "mode": "enforce", "limits": limits}))
    os.environ.update(
        {
            "AzureWebJobsStorage": "memory://storm",
            "ARM_ENDPOINT": arm.url,
            "ARM_STATIC_TOKEN": CALLER,
            "SUBSCRIPTIONS": SUBSCRIPTION,
            "BASELINE": str(baseline),
            "DRIFT_TOPIC_ENDPOINT": f"{topic['url']}/api/events",
            "DRIFT_TOPIC_KEY": topic["key"],
        }
    )


async def deliver(host: FunctionsHost, events: list[str]) -> float:
    """Send every event; returns events per second."""
    waiting = iter(events)
    start = time.perf_counter()

    async def some() -> None:
        for text in waiting:
            ended = await host.run(host.functions["on_resource_change"], TypedData(json=text))
            if not ended.ok:
                raise SystemExit(f"on_resource_change: {ended.error}")

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return len(events) / (time.perf_counter() - start)


def on_hosts(events: list[str], workers: int, arm: ArmProcess, warming: list[str]) -> Played:
    from benchmarks.storm_hosts import play_on_hosts

    def begins() -> None:
        time.sleep(REFILLED)
        arm.delete("log")

    return play_on_hosts(events, workers, AT_ONCE * workers, PATIENCE, warming, begins)


async def play(events: list[str]) -> Played:
    """Deliver and wait until nothing is queued or running, all in this process."""
    async with FunctionsHost(ROOT, key="storm") as host:
        start = time.perf_counter()
        rate = await deliver(host, events)
        while await host.queued() or host.busy:
            if time.perf_counter() - start > PATIENCE:
                raise SystemExit(f"not quiet after {PATIENCE:.0f} s")
            await asyncio.sleep(0.05)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Played(rate, time.perf_counter() - start, len(host.failures), (peak,))


def open_still(arm: ArmProcess, identities: list[str]) -> int:
    """NSGs that still let the internet in, asked with several callers so that no bucket runs dry."""
    count = 0
    for number, identity in enumerate(identities):
        url = f"{arm.url}{identity}?api-version=2024-05-01"
        caller = {"authorization": f"Bearer check-{number // 200}"}
        request = urllib.request.Request(url, headers=caller)  # noqa: S310  loopback only
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  loopback only
            document = json.loads(answer.read())
        rules = document["properties"]["securityRules"]
        count += any("22" in rule["properties"]["destinationPortRanges"] for rule in rules)
    return count


def least_seconds(reads: int, writes: int) -> float:
    """The least time the buckets allow for so many reads and writes."""
    return max((reads - 250) / 25, (writes - 200) / 10, 1.0)


def figures(log: list[dict[str, Any]], identities: list[str], drifted: int) -> dict[str, Any]:
    ours = [entry for entry in log if entry["caller"] == CALLER and entry["status"] != 429]
    wanted = {identity.lower() for identity in identities}
    reads = [entry["path"].lower() for entry in ours if entry["method"] == "GET"]
    writes = collections.Counter(
        entry["path"].lower() for entry in ours if entry["method"] in {"PUT", "DELETE"}
    )
    verifying = sum(writes.values())  # one look after each write, to see that it did what it should
    looks = sum(path in wanted for path in reads) - verifying
    return {
        "reads_per_target": looks / len(identities),
        "other_reads_per_target": (len(reads) - looks) / len(identities),
        "duplicate_writes": sum(writes.values()) - len(writes) + max(0, len(writes) - drifted),
        "arm_reads": len(reads),
        "arm_writes": sum(writes.values()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--resources", type=int, default=500)
    parser.add_argument("--drifted", type=float, default=0.5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    drifted = round(args.resources * args.drifted)
    documents = [nsg(number, OPEN if number < drifted else CLOSED) for number in range(args.resources)]
    identities = [document["id"] for document in documents]
    with (
        arm_process("--throttling") as arm,
        topic_process() as topic,
        tempfile.TemporaryDirectory() as folder,
    ):
        others = [nsg(args.resources + one, CLOSED) for one in range(WARMING * args.workers)]
        arm.seed([*documents, *others] if args.workers > 1 else documents)
        settings(arm, topic, folder)
        events = storm(args.events, identities, random.Random(args.seed))
        if args.workers == 1:
            played = asyncio.run(play(events))
        else:
            names = [each["id"] for each in others]
            warming = storm(len(names) * CHANGES, names, random.Random(args.seed), args.resources)
            played = on_hosts(events, args.workers, arm, warming)
        found = figures(arm.get("log"), identities, drifted)
        with urllib.request.urlopen(f"{topic['url']}/_ids", timeout=30) as answer:  # noqa: S310  loopback only
            announced = json.loads(answer.read())
        lost = open_still(arm, identities) + abs(len(set(announced)) - drifted) + played.failures
    needed = args.resources + drifted * READS_AROUND_A_WRITE
    print(f"events_per_second: {played.rate:.0f}")
    print(f"reads_per_target: {found['reads_per_target']:.3f}")
    print(f"other_reads_per_target: {found['other_reads_per_target']:.3f}")
    print(f"quiet_ratio: {played.seconds / least_seconds(needed, drifted):.3f}")
    print(f"duplicate_writes: {found['duplicate_writes']}")
    print(f"duplicate_announcements: {len(announced) - len(set(announced))}")
    print(f"lost: {lost}")
    print(f"peak_mb: {max(played.peaks):.0f}")
    print(f"seconds_to_quiet: {played.seconds:.1f}")
    print(f"arm_reads: {found['arm_reads']}")
    print(f"arm_writes: {found['arm_writes']}")
    for number, peak in enumerate(played.peaks[1:] and played.peaks, 1):
        print(f"peak_mb_of_process_{number}: {peak:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
