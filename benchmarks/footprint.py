"""How much memory a functions process takes where an estate is large.

    python benchmarks/footprint.py [--spokes 500] [--machines 10]

A hub and its spokes in three subscriptions on the lab's ARM, 5,000 network interfaces by default; ledger and
queues on the storage emulator, so that the process holds what it would hold in Azure. Everything is looked at
once (a sweep), then the hub's network is tagged and written, and everything is swept again. The rule about
machines themselves is off: the emulator would take a quarter of an hour more, for documents read one by one.

    network_interfaces           in the estate
    peak_mb_first_sweep          of the functions process, when everything had been looked at once
    peak_mb                      the same, in the end
    seconds                      for all of it
"""

import argparse
import asyncio
import json
import logging
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.arm_process import ArmProcess, arm_process  # noqa: E402  the path comes first
from benchmarks.costs import send  # noqa: E402
from benchmarks.landing_zone import settings  # noqa: E402
from benchmarks.spokes import HUB, Document, Spoke, estate  # noqa: E402
from benchmarks.storm_hosts import KEY, QUEUES, Host, depths, functions_host  # noqa: E402
from lab.azurite import Azurite  # noqa: E402

SUBSCRIPTIONS = 3
PATIENCE = 1200.0


def runs(host: Host, function: str) -> None:
    """Run a timer of the host."""
    request = urllib.request.Request(  # noqa: S310  loopback only
        f"{host.functions}/admin/functions/{function}",
        b"{}",
        {"x-functions-key": KEY, "content-type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=PATIENCE).close()  # noqa: S310  loopback only


def without_machines(baseline: Path) -> None:
    document = json.loads(baseline.read_text())
    baseline.write_text(json.dumps({**document, "rules": {"vm-linux-password-auth": {"action": "off"}}}))


async def quiet(depth: Callable[[], Awaitable[int]]) -> None:
    """Wait until nothing lies on a queue, twice in a row."""
    until, empty = time.monotonic() + PATIENCE, 0
    while empty < 2:
        if time.monotonic() > until:
            raise SystemExit(f"not quiet after {PATIENCE:.0f} s")
        empty = empty + 1 if await depth() == 0 else 0
        await asyncio.sleep(1.0)


async def play(arm: ArmProcess, host: Host, connection: str, hub: Document) -> tuple[float, float]:
    """Peaks in MB after everything was looked at once, and in the end."""
    async with depths(connection, QUEUES) as depth:
        await asyncio.to_thread(runs, host, "sweep")
        await quiet(depth)
        first = host.peak_mb
        await asyncio.to_thread(send, arm.url, "PUT", HUB, {**hub, "tags": {"touched": "yes"}})
        await asyncio.to_thread(runs, host, "sweep")
        await quiet(depth)
        return first, host.peak_mb


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spokes", type=int, default=500)
    parser.add_argument("--machines", type=int, default=10)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    spokes = [Spoke(number, args.machines, SUBSCRIPTIONS - 1) for number in range(args.spokes)]
    with arm_process() as arm, tempfile.TemporaryDirectory() as folder, Azurite() as emulator:
        documents = estate(spokes)
        hub = next(document for document in documents if document["id"] == HUB)
        arm.seed(documents)
        settings(arm, folder, SUBSCRIPTIONS)
        without_machines(Path(os.environ["BASELINE"]))
        began = time.perf_counter()
        with functions_host({"AzureWebJobsStorage": emulator.connection_string}) as host:
            first, last = asyncio.run(play(arm, host, emulator.connection_string, hub))
    print(f"network_interfaces: {args.spokes * args.machines}")
    print(f"peak_mb_first_sweep: {first:.0f}")
    print(f"peak_mb: {last:.0f}")
    print(f"seconds: {time.perf_counter() - began:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
