"""A landing zone at work: what one change costs, what a deployment costs, and whether anything urgent waits.

    python benchmarks/landing_zone.py [--spokes 100] [--machines 10] [--subscriptions 3] [--seed 1]

A hub with Bastion and firewall in a subscription of its own, spokes in the others (see `spokes`). Everything
is judged once before. ARM is a process of its own whose token buckets refuse (250 reads, 25 a second of each
subscription); its log supplies requests and times. Events enter through the runtime's invocation of
on_resource_change half a second after each write, our own writes included; both lanes run through the runtime
with the concurrency of host.json.

    hub_reads                   ARM requests until quiet after a change of the hub's network (a tag)
    nic_reads                   the same after a new NIC
    subnet_reads                the same after a spoke's subnet was written as it was
    deployment_reads_per_write  20 more spokes within a minute: our requests per write of the deployment
    deployment_quiet_ratio      time to quiet / the least that the minute and the buckets allow
    urgent_ratio                from the event to the PUT or DELETE for a hole opened in the middle of that
                                deployment, over the same in calm; medians of several holes
    sweep_reads                 requests of one thrifty sweep in which nothing changed
    storage_ops_compliant, storage_ops_repair, round_trips_to_write    as `costs` counts them
    peak_mb                     this process: host, app, and the queues and ledger in memory
"""

import argparse
import asyncio
import json
import logging
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.arm_process import ArmProcess, arm_process  # noqa: E402  the path comes first
from benchmarks.spokes import HUB, WORKSPACE, Document, Spoke, estate, subscription  # noqa: E402
from lab.functions_host import FunctionsHost  # noqa: E402
from lab.functions_host.protos import TypedData  # noqa: E402

CALLER, DEPLOYER = "bastion-guard", "deployer"
ADDED, MINUTE, HOLES = 20, 60.0, 7
COUNTED = ("storage_ops_compliant", "storage_ops_repair", "round_trips_to_write")
EVENT_AFTER = 0.6
PATIENCE = 280.0
HOLE = {
    "priority": 200, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourcePortRange": "*",
    "sourceAddressPrefix": "Internet", "destinationAddressPrefix": "*", "destinationPortRange": "22",
}  # fmt: skip


@dataclass
class Scene:
    """The running app, ARM, and somebody who writes; `seen` is how much of ARM's log was looked at."""

    host: FunctionsHost
    arm: ArmProcess
    http: aiohttp.ClientSession
    events: int = 0
    flying: set[asyncio.Task[None]] = field(default_factory=set)
    repaired: dict[str, float] = field(default_factory=dict)

    # Events --------------------------------------------------------------------------------------

    async def tell(self, identity: str, verb: str = "write") -> None:
        """One event, as Event Grid delivers it."""
        self.events += 1
        event = {
            "specversion": "1.0",
            "id": f"event-{self.events}",
            "source": "/subscriptions/x",
            "subject": identity,
            "type": f"Microsoft.Resources.Resource{verb.title()}Success",
            "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "data": {"resourceUri": identity, "operationName": f"x/{verb}"},
        }
        ended = await self.host.run(
            self.host.functions["on_resource_change"], TypedData(json=json.dumps(event))
        )
        if not ended.ok:
            raise SystemExit(f"on_resource_change: {ended.error}")

    def soon(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.flying.add(task)
        task.add_done_callback(self.flying.discard)

    async def later(self, identity: str, verb: str = "write") -> None:
        await asyncio.sleep(EVENT_AFTER)
        await self.tell(identity, verb)

    async def put(self, document: Document, caller: str = DEPLOYER) -> None:
        """Write a document; its event follows by itself."""
        identity = document["id"]
        body = {key: value for key, value in document.items() if key not in {"id", "name"}}
        for _ in range(40):
            async with self.http.put(
                f"{self.arm.url}{identity}?api-version=2024-05-01",
                json=body,
                headers={"authorization": f"Bearer {caller}"},
            ) as answer:
                text = await answer.text()
                if answer.status < 300:
                    break
                if answer.status not in {409, 429}:
                    raise SystemExit(f"PUT {identity}: {answer.status} {text[:300]}")
            await asyncio.sleep(0.3)
        self.soon(self.later(identity))

    async def get(self, identity: str) -> Document:
        url = f"{self.arm.url}{identity}?api-version=2024-05-01"
        async with self.http.get(url, headers={"authorization": f"Bearer {DEPLOYER}"}) as answer:
            found: Document = await answer.json()
            return found

    # Quiet ---------------------------------------------------------------------------------------

    async def quiet(self, patience: float = PATIENCE) -> None:
        """Until nothing is queued, running or on its way; our own writes raise events too."""
        start = time.perf_counter()
        calm = 0
        while calm < 3:
            busy = bool(await self.host.queued() or self.host.busy or self.flying)
            calm = 0 if busy else calm + 1
            if time.perf_counter() - start > patience:
                raise SystemExit(f"not quiet after {patience:.0f} s: {await self.host.queued()} queued")
            await asyncio.sleep(0.1)

    def ours(self) -> list[dict[str, Any]]:
        """What the app asked of ARM since the log was cleared, refusals of the buckets apart."""
        return [entry for entry in self.arm.get(f"log?caller={CALLER}") if entry["status"] != 429]

    async def cost(self, change: Awaitable[None]) -> int:
        """Requests of the app until quiet after a change."""
        self.arm.delete("log")
        await change
        await self.quiet()
        return len(self.ours())


async def hole(scene: Scene, nsg: str) -> float:
    """Somebody opens a port; seconds from its event to our request that closes it."""
    rule = f"{nsg}/securityRules/for-a-minute"
    body = {"properties": HOLE}
    headers = {"authorization": "Bearer somebody"}
    url = f"{scene.arm.url}{rule}?api-version=2024-05-01"
    async with scene.http.put(url, json=body, headers=headers) as answer:
        if answer.status >= 300:
            raise SystemExit(f"PUT {rule}: {answer.status} {await answer.text()}")
    await asyncio.sleep(EVENT_AFTER)
    told = time.time()
    await scene.tell(rule)
    for _ in range(600):
        for entry in scene.arm.get(f"log?caller={CALLER}&method=DELETE"):
            if entry["path"].lower() == rule.lower():
                scene.soon(scene.tell(rule, "delete"))
                return datetime.fromisoformat(entry["time"]).timestamp() - told
        await asyncio.sleep(0.1)
    raise SystemExit(f"nobody closed {rule}")


async def deploy(scene: Scene, spokes: list[Spoke], rng: random.Random) -> int:
    """Write spokes side by side within a minute; how many writes that took."""
    writes = 0

    async def one(spoke: Spoke, start: float) -> None:
        nonlocal writes
        await asyncio.sleep(start)
        documents = list(spoke.requests_of())
        network = next(at for at, one in enumerate(documents) if one["id"] == spoke.network) + 1
        documents[network:network] = spoke.peerings()  # as a template does: they wait for nothing else
        pause = (MINUTE - 24) / len(documents)
        for document in documents:
            await scene.put(document)
            writes += 1
            await asyncio.sleep(pause * rng.uniform(0.5, 1.5))

    await asyncio.gather(*(one(spoke, number) for number, spoke in enumerate(spokes)))
    return writes


def settings(arm: ArmProcess, folder: str, subscriptions: int) -> None:
    baseline = Path(folder) / "baseline.json"
    limits = {"maxWritesPerHour": 1_000_000, "maxAttachments": 100}
    known = {
        "centralWorkspaceId": WORKSPACE,
        "defaultEnvironment": "production",
        "managementPorts": [22, 3389],
    }
    baseline.write_text(json.dumps({"version": 1, "mode": "enforce", "limits": limits, **known}))
    os.environ.update(
        {
            "AzureWebJobsStorage": "memory://landing-zone",
            "ARM_ENDPOINT": arm.url,
            "ARM_STATIC_TOKEN": CALLER,
            "SUBSCRIPTIONS": ",".join(subscription(number) for number in range(subscriptions)),
            "BASELINE": str(baseline),
        }
    )


async def play(args: argparse.Namespace, arm: ArmProcess) -> dict[str, float]:
    rng = random.Random(args.seed)
    found: dict[str, float] = {}
    spokes = [Spoke(number, args.machines, args.subscriptions - 1) for number in range(args.spokes + ADDED)]
    there, added = spokes[: args.spokes], spokes[args.spokes :]
    arm.seed(estate(there))
    async with aiohttp.ClientSession() as http, FunctionsHost(ROOT, key="landing-zone") as host:
        scene = Scene(host, arm, http)
        await sweep(scene)
        arm.post("settings", {"throttling": True})
        found["hub_reads"] = await scene.cost(tag(scene, HUB))
        again = Spoke(there[0].number, args.machines + 1, args.subscriptions - 1)
        found["nic_reads"] = await scene.cost(scene.put(again.nic_document(args.machines)))
        found["subnet_reads"] = await scene.cost(rewrite(scene, f"{there[0].network}/subnets/s0"))
        found["sweep_reads"] = await scene.cost(sweep(scene))
        calm = [await hole(scene, there[number].nsg(0)) for number in range(HOLES)]
        await scene.quiet()
        arm.delete("log")
        arm.post("settings", {"throttling": True})  # full buckets
        started = time.perf_counter()
        storm = asyncio.create_task(deploy(scene, added, rng))
        await asyncio.sleep(12)
        urgent = []
        for number in range(HOLES):
            urgent.append(await hole(scene, there[-1 - number].nsg(1)))
            await asyncio.sleep(4)
        writes = await storm
        await scene.quiet()
        seconds = time.perf_counter() - started
        ours = [entry for entry in scene.ours() if "for-a-minute" not in entry["path"]]
        found |= deployment(ours, writes, seconds)
        found["urgent_ratio"] = statistics.median(urgent) / statistics.median(calm)
        found["urgent_ms"], found["calm_ms"] = (1000 * statistics.median(each) for each in (urgent, calm))
        found["failures"] = len(host.failures)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def deployment(ours: list[dict[str, Any]], writes: int, seconds: float) -> dict[str, float]:
    """Least time: the minute itself, or what the fullest bucket needs for two reads per write."""
    least = max(MINUTE, (2 * writes / 2 - 250) / 25)
    return {
        "deployment_writes": writes,
        "deployment_reads": len(ours),
        "deployment_reads_per_write": len(ours) / writes,
        "deployment_quiet_ratio": seconds / least,
    }


async def sweep(scene: Scene) -> None:
    ended = await scene.host.run_timer("sweep")
    if not ended.ok:
        raise SystemExit(f"sweep: {ended.error}")
    await scene.quiet()


async def tag(scene: Scene, identity: str) -> None:
    document = await scene.get(identity)
    await scene.put({**document, "tags": {"touched": "yes"}})


async def rewrite(scene: Scene, identity: str) -> None:
    await scene.put(await scene.get(identity))


def counted() -> dict[str, float]:
    """What `costs` counts, in a process of its own: this one has built an app for another scene."""
    command = [sys.executable, str(ROOT / "benchmarks" / "costs.py")]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    told = {name: float(value) for name, _, value in (line.partition(": ") for line in lines)}
    return {name: told[name] for name in COUNTED}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spokes", type=int, default=100)
    parser.add_argument("--machines", type=int, default=10)
    parser.add_argument("--subscriptions", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with arm_process() as arm, tempfile.TemporaryDirectory() as folder:
        arm.post("settings", {"polls_all": 1, "poll_interval": 0.4})
        settings(arm, folder, args.subscriptions)
        found = asyncio.run(play(args, arm))
    found |= counted()
    for name, value in found.items():
        print(f"{name}: {value:.0f}" if value >= 100 or value == int(value) else f"{name}: {value:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
