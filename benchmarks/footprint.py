"""How much memory a functions process takes where an estate is large.

    python benchmarks/footprint.py [--spokes 500] [--machines 10] [--patience 300]

A hub and its spokes in three subscriptions on the lab's ARM, 5,000 network interfaces by default; ledger and
queues on the storage emulator, so that the process holds what it would hold in Azure. A sweep asks for
everything, none of which was ever looked at, and the hub's network is tagged: their rounds read every list.
Then targets are looked at one by one, until it is quiet or patience ends: about four minutes for all of them
on a fast machine. Looks at networks hold the interfaces of their subscription.

    network_interfaces           in the estate
    peak_mb                      of the functions process
    messages_left                on the queues when patience ended
    arm_reads                    what was read by then
"""

import argparse
import asyncio
import logging
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
from benchmarks.reconcile import event  # noqa: E402
from benchmarks.spokes import HUB, Document, Spoke, estate  # noqa: E402
from benchmarks.storm_hosts import KEY, QUEUES, Host, depths, functions_host  # noqa: E402
from lab.azurite import Azurite  # noqa: E402

SUBSCRIPTIONS = 3


def runs(host: Host, function: str) -> None:
    """Run a timer of the host."""
    request = urllib.request.Request(  # noqa: S310  loopback only
        f"{host.functions}/admin/functions/{function}",
        b"{}",
        {"x-functions-key": KEY, "content-type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=600).close()  # noqa: S310  loopback only


def hears(host: Host, text: str) -> None:
    """Deliver an event to the host."""
    headers = {"content-type": "application/json", "aeg-event-type": "Notification"}
    request = urllib.request.Request(host.webhook, f"[{text}]".encode(), headers)  # noqa: S310  loopback only
    urllib.request.urlopen(request, timeout=60).close()  # noqa: S310  loopback only


async def quiet(depth: Callable[[], Awaitable[int]], patience: float) -> int:
    """Wait until nothing lies on a queue, twice in a row, or patience ends; what lies there then."""
    until, empty, left = time.monotonic() + patience, 0, 0
    while empty < 2 and time.monotonic() < until:
        left = await depth()
        empty = empty + 1 if left == 0 else 0
        await asyncio.sleep(1.0)
    return left


async def play(arm: ArmProcess, host: Host, connection: str, hub: Document, patience: float) -> int:
    async with depths(connection, QUEUES) as depth:
        await asyncio.to_thread(runs, host, "sweep")
        await asyncio.to_thread(send, arm.url, "PUT", HUB, {**hub, "tags": {"touched": "yes"}})
        await asyncio.to_thread(hears, host, event(0, HUB))
        return await quiet(depth, patience)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spokes", type=int, default=500)
    parser.add_argument("--machines", type=int, default=10)
    parser.add_argument("--patience", type=float, default=300.0, help="seconds")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    spokes = [Spoke(number, args.machines, SUBSCRIPTIONS - 1) for number in range(args.spokes)]
    with arm_process() as arm, tempfile.TemporaryDirectory() as folder, Azurite() as emulator:
        documents = estate(spokes)
        hub = next(document for document in documents if document["id"] == HUB)
        arm.seed(documents)
        settings(arm, folder, SUBSCRIPTIONS)
        with functions_host({"AzureWebJobsStorage": emulator.connection_string}) as host:
            left = asyncio.run(play(arm, host, emulator.connection_string, hub, args.patience))
            print(f"network_interfaces: {args.spokes * args.machines}")
            print(f"peak_mb: {host.peak_mb:.0f}")
            print(f"messages_left: {left}")
            print(f"arm_reads: {sum(entry['method'] == 'GET' for entry in arm.get('log'))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
