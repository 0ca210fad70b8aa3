"""What one event costs in requests: of storage, and of ARM before a repair is written.

    python benchmarks/costs.py [--events 20] [--seed 1]

A seeded estate (hub with Bastion, spokes with machines) on the lab's ARM, the ledger on the storage emulator,
both behind relays that log every request as it is sent. Messages are handled one after the other through the
runtime, by one worker, after everything was judged once before.

    storage_ops_compliant        storage operations (tables and queues) sent for an event of a compliant NSG
    storage_ops_repair           the same for an event of an NSG whose port was opened: found, repaired, told
    round_trips_to_write         ARM requests in a row before the PUT of the repair; parallel ones count once
    arm_reads_compliant, arm_reads_repair    ARM requests sent for each, the write and its polls left out
    host_ops_per_message         what the Functions host sends besides: put, get, delete of a message
    table_ops_in_the_fullest     most table operations that one partition got, per event of a compliant NSG

Medians; --details prints what was sent, in order.
"""

import argparse
import asyncio
import collections
import json
import logging
import os
import re
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.arm_process import ArmProcess, arm_process  # noqa: E402  the path comes first
from benchmarks.relay import Relays, relays  # noqa: E402
from lab.azurite import ACCOUNT, KEY, Azurite  # noqa: E402
from lab.building import documents  # noqa: E402
from lab.estate import Estate  # noqa: E402
from lab.functions_host.protos import TypedData  # noqa: E402
from lab.functions_host.worker import Worker  # noqa: E402

SOMEBODY = "somebody"
HOST_OPS = 3
ARM_SECONDS = 0.1
"""What an answer of ARM takes; on loopback alone nothing would overlap for certain."""
OPEN = {
    "priority": 205, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourcePortRange": "*",
    "sourceAddressPrefix": "Internet", "destinationAddressPrefix": "*", "destinationPortRange": "22",
}  # fmt: skip

type Log = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Costs:
    """Requests of one kind of event, each of its runs: logs of what was sent."""

    runs: tuple[Log, ...]

    def storage(self) -> float:
        return statistics.median(sum(map(_is_storage, run)) for run in self.runs)

    def arm_reads(self) -> float:
        return statistics.median(sum(map(_is_read, run)) for run in self.runs)

    def round_trips(self) -> float:
        return statistics.median(round_trips(run) for run in self.runs)


def _is_storage(entry: dict[str, Any]) -> bool:
    return entry["service"] in {"table", "queue"} and not entry["empty"]


def _is_read(entry: dict[str, Any]) -> bool:
    return entry["service"] == "arm" and entry["method"] != "PUT" and "/operations/" not in entry["path"]


def round_trips(run: Log) -> int:
    """ARM requests in a row before the first write; one that begins when others have ended is the next."""
    arm = sorted((one for one in run if one["service"] == "arm"), key=lambda one: float(one["began"]))
    before: list[dict[str, Any]] = []
    for entry in arm:
        if entry["method"] in {"PUT", "DELETE"}:
            break
        before.append(entry)
    count, ended = 0, float("-inf")
    for entry in before:
        if entry["began"] >= ended:
            count, ended = count + 1, entry["ended"]
    return count


def send(url: str, method: str, path: str, body: object, caller: str = SOMEBODY) -> None:
    """A call of ARM's that has nothing to do with the app."""
    request = urllib.request.Request(  # noqa: S310  loopback only
        f"{url}{path}?api-version=2024-05-01",
        None if body is None else json.dumps(body).encode(),
        {"authorization": f"Bearer {caller}", "content-type": "application/json"},
        method=method,
    )
    urllib.request.urlopen(request, timeout=60).close()  # noqa: S310  loopback only


def message(number: int, identity: str) -> str:
    """As on_resource_change puts it on the queue."""
    return json.dumps(
        {
            "target": identity,
            "eventId": f"cost-{number}",
            "eventTime": datetime.now(UTC).isoformat(),
            "actor": {"name": "somebody"},
            "operation": "microsoft.network/networksecuritygroups/write",
        }
    )


@contextmanager
def stage(
    subscription: str, bodies: Sequence[Any], waits: dict[str, float] | None = None
) -> Iterator[tuple[ArmProcess, Relays]]:
    """ARM with an estate, storage, relays before both, and the app's settings."""
    with ExitStack() as stack:
        arm = stack.enter_context(arm_process())
        emulator = stack.enter_context(Azurite())
        upstreams = {
            "arm": arm.url,
            "table": emulator.endpoints["Table"],
            "queue": emulator.endpoints["Queue"],
        }
        before = stack.enter_context(relays(upstreams, waits))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        arm.seed(bodies)
        baseline = Path(folder) / "baseline.json"
        limits = {"maxWritesPerHour": 1_000_000, "flapCount": 1_000_000}
        baseline.write_text(json.dumps({"version": 1, "mode": "enforce", "limits": limits}))
        os.environ.update(
            {
                "AzureWebJobsStorage": connection(before),
                "ARM_ENDPOINT": before.urls["arm"],
                "ARM_STATIC_TOKEN": "bastion-guard",
                "SUBSCRIPTIONS": subscription,
                "BASELINE": str(baseline),
            }
        )
        yield arm, before


def connection(before: Relays) -> str:
    """The connection string of the emulator behind its relays."""
    services = (
        f"TableEndpoint={before.urls['table']}/{ACCOUNT};QueueEndpoint={before.urls['queue']}/{ACCOUNT}"
    )
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{services};"


async def handled(worker: Worker, before: Relays, text: str) -> Log:
    """Handle one message; what was sent for it."""
    before.forget()
    answer = await worker.invoke(worker.functions["reconcile"], TypedData(string=text))
    if not answer.ok:
        raise SystemExit(f"reconcile: {answer.error}\n{answer.stack_trace}")
    return before.log()


async def play(arm: ArmProcess, before: Relays, estate: Estate, events: int) -> tuple[Costs, Costs]:
    """Events of compliant groups, then of opened ones; everything is judged once before."""
    groups = [group for spoke in estate.spokes for group in spoke.nsgs]
    worker = await Worker.start(ROOT)
    try:
        for number, identity in enumerate(groups):
            await handled(worker, before, message(number, identity))
        compliant, repaired = [], []
        for number in range(events):
            identity = groups[number % len(groups)]
            compliant.append(await handled(worker, before, message(1000 + number, identity)))
        for number in range(events):
            identity = groups[number % len(groups)]
            rule = f"{identity}/securityRules/opened-{number}"
            send(arm.url, "PUT", rule, {"id": rule, "properties": OPEN})
            arm.post("advance", {"seconds": 30})
            repaired.append(await handled(worker, before, message(2000 + number, identity)))
    finally:
        await worker.stop()
    return Costs(tuple(compliant)), Costs(tuple(repaired))


def fullest_partition(costs: Costs) -> float:
    """Requests that the busiest partition got, per event; a transaction is one, wherever it goes."""
    counts: collections.Counter[str] = collections.Counter()
    for run in costs.runs:
        counts.update(re.findall(r"PartitionKey='([^']*)'", " ".join(entry["path"] for entry in run)))
    return max(counts.values(), default=0) / len(costs.runs)


def measure(events: int, seed: int) -> tuple[Costs, Costs]:
    estate = Estate(seed, spokes=4)
    with stage(estate.subscription, documents(estate), {"arm": ARM_SECONDS}) as (arm, before):
        return asyncio.run(play(arm, before, estate, events))


def _figures(compliant: Costs, repaired: Costs) -> dict[str, float]:
    return {
        "storage_ops_compliant": compliant.storage(),
        "storage_ops_repair": repaired.storage(),
        "round_trips_to_write": repaired.round_trips(),
        "arm_reads_compliant": compliant.arm_reads(),
        "arm_reads_repair": repaired.arm_reads(),
        "host_ops_per_message": HOST_OPS,
        "table_ops_in_the_fullest": fullest_partition(compliant),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--details", action="store_true")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    compliant, repaired = measure(args.events, args.seed)
    for name, value in _figures(compliant, repaired).items():
        print(f"{name}: {value:g}")
    for costs in (compliant, repaired) if args.details else ():
        for entry in costs.runs[0] if costs is repaired else costs.runs[-1]:
            where = entry["path"][-150:] + ("?" + entry["query"][:140] if entry["service"] == "table" else "")
            took = f"{entry['began']:.3f}-{entry['ended']:.3f}"
            print(f"{took} {entry['service']:5} {entry['method']:6} {entry['status']} {where}")
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
