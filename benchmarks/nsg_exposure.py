"""How fast NSGs are judged: verdict, public sources and witness for one port, from parsed JSON, no cache.

    python benchmarks/nsg_exposure.py [--input FILE] [--count N] [--seed S] [--huge]

Prints `nsgs_per_second` over the input (or over a seeded mix), `largest_ms`, the time for one NSG of 1,000
rules and 4,000 prefixes, `repair_ms`, planning the repair of one in which a thousand rules are open, and
`peak_mb`, the most memory the process has had. `--huge` adds a line for every other shape of a thousand
rules. A count beyond a thousand is made and judged in batches, once, so that a
million NSGs show whether memory stays flat.
"""

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import nsg_generator
from remediation.nsg import BroadFrom, Repair, exposure, parse, plan_repair

PORT = 22
ROUNDS = 5
AT_LEAST_S = 3.0
BATCH = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description="measure NSG judgements")
    parser.add_argument("--input", type=Path, help="a JSON list of NSGs, or one")
    parser.add_argument("--count", type=int, default=1000, help="how many NSGs to generate without --input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--huge", action="store_true", help="measure every shape of a thousand rules")
    args = parser.parse_args()
    if args.input is None and args.count > BATCH:
        rate = _streamed(args.count, args.seed)
    else:
        rate = _per_second(_documents(args))
    print(f"nsgs_per_second: {rate:.0f}")
    largest = nsg_generator.largest(random.Random(args.seed))
    print(f"largest_ms: {_milliseconds(largest):.1f}")
    print(f"repair_ms: {_repair_milliseconds(nsg_generator.wide_open(random.Random(args.seed))):.1f}")
    print(f"peak_mb: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
    for name, make in nsg_generator.HUGE.items() if args.huge else ():
        print(f"{name}_ms: {_milliseconds(make(random.Random(args.seed))):.1f}")


def _documents(args: argparse.Namespace) -> list[dict[str, Any]]:
    if args.input is None:
        return nsg_generator.mix(args.count, args.seed)
    found = json.loads(args.input.read_bytes())
    return found if isinstance(found, list) else [found]


def _per_second(documents: list[dict[str, Any]]) -> float:
    """The best of several passes over the documents: what the work costs, not what else the machine did."""
    best, start = 0.0, time.perf_counter()
    while time.perf_counter() - start < AT_LEAST_S:
        best = max(best, len(documents) / _seconds(documents))
    return best


def _streamed(count: int, seed: int) -> float:
    """All of a long mix, once; making the documents is not counted."""
    return count / sum(_seconds(documents) for documents in _batches(count, seed))


def _batches(count: int, seed: int) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, count, BATCH):
        yield nsg_generator.mix(min(BATCH, count - start), seed + start)


def _seconds(documents: list[dict[str, Any]]) -> float:
    begun = time.perf_counter()
    for document in documents:
        exposure(parse(document), PORT)
    return time.perf_counter() - begun


def _repair_milliseconds(document: dict[str, Any]) -> float:
    """The best of a few rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        found = plan_repair(document, keep=BroadFrom())
        best = min(best, time.perf_counter() - start)
    if not isinstance(found, Repair):
        raise SystemExit(f"no repair was found: {found.reason}")
    return best * 1000


def _milliseconds(document: dict[str, Any]) -> float:
    """The best of a few rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        exposure(parse(document), PORT)
        best = min(best, time.perf_counter() - start)
    return best * 1000


if __name__ == "__main__":
    main()
