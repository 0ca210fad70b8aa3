"""How many messages one instance should handle side by side: events a second, time of each, CPU of each.

    python benchmarks/concurrency.py [--events 120] [--drifted 0.1] [--at-once 1 2 4 8 16] [--seed 1]

A seeded estate on the lab's ARM, the ledger on the storage emulator, both behind relays that let each request
wait as long as it takes in Azure: ARM 120 ms, tables 8 ms, queues 6 ms. For each value as many messages of
the queue `reconcile` are under way at once in one worker process (host.json's batchSize plus
newBatchThreshold), each of another group; a share of the groups was opened before and is repaired.

    events_per_second_N    with N at once
    seconds_p50_N, seconds_p95_N    from the beginning to the end of one message
    cpu_ms_N               CPU of the worker process per message: what N instances on as many cores multiply
"""

import argparse
import asyncio
import itertools
import logging
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.arm_process import ArmProcess  # noqa: E402  the path comes first
from benchmarks.costs import OPEN, message, send, stage  # noqa: E402
from lab.building import documents  # noqa: E402
from lab.estate import Estate  # noqa: E402
from lab.functions_host.protos import TypedData  # noqa: E402
from lab.functions_host.worker import Worker  # noqa: E402

WAITS = {"arm": 0.12, "table": 0.008, "queue": 0.006}


async def one(worker: Worker, text: str, gate: asyncio.Semaphore) -> float:
    """Handle one message as soon as there is room; seconds it took."""
    async with gate:
        began = time.perf_counter()
        answer = await worker.invoke(worker.functions["reconcile"], TypedData(string=text))
        if not answer.ok:
            raise SystemExit(f"reconcile: {answer.error}\n{answer.stack_trace}")
        return time.perf_counter() - began


async def play(
    arm: ArmProcess, estate: Estate, events: int, drifted: float, widths: Sequence[int]
) -> dict[str, float]:
    groups = [group for spoke in estate.spokes for group in spoke.nsgs]
    numbers = itertools.count()
    found: dict[str, float] = {}
    worker = await Worker.start(ROOT)
    try:
        gate = asyncio.Semaphore(8)
        await asyncio.gather(*(one(worker, message(next(numbers), group), gate) for group in groups))
        for width in widths:
            wanted = list(itertools.islice(itertools.cycle(groups), events))
            for group in wanted[: round(events * drifted)]:
                rule = f"{group}/securityRules/opened-{next(numbers)}"
                send(arm.url, "PUT", rule, {"id": rule, "properties": OPEN})
            arm.post("advance", {"seconds": 30})
            gate, cpu, began = asyncio.Semaphore(width), time.process_time(), time.perf_counter()
            took = await asyncio.gather(
                *(one(worker, message(next(numbers), group), gate) for group in wanted)
            )
            found[f"events_per_second_{width}"] = events / (time.perf_counter() - began)
            found[f"seconds_p50_{width}"] = statistics.median(took)
            found[f"seconds_p95_{width}"] = statistics.quantiles(took, n=20)[-1]
            found[f"cpu_ms_{width}"] = 1000 * (time.process_time() - cpu) / events
    finally:
        await worker.stop()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=120)
    parser.add_argument("--drifted", type=float, default=0.1)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    estate = Estate(args.seed, spokes=20)
    with stage(estate.subscription, documents(estate), WAITS) as (arm, _):
        found = asyncio.run(play(arm, estate, args.events, args.drifted, args.at_once))
    for name, value in found.items():
        print(f"{name}: {value:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
