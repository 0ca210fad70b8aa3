"""What one event costs, warm: to accept it, and to reconcile it against the lab's ARM in another process.

    python benchmarks/reconcile.py [--events 400] [--seed 1]

Events enter through the runtime's invocation of on_resource_change, messages through that of reconcile, one
after the other. Prints accept_ms_p50, reconcile_ms_p50 and _p99 (a compliant NSG, one read each way),
repair_ms_p50 (read, confirm, write, poll, verify), arm_reads_per_event and arm_writes_per_repair.
"""

import argparse
import asyncio
import json
import logging
import os
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.arm_process import ArmProcess, arm_process  # noqa: E402  the path comes first
from lab.functions_host.protos import TypedData  # noqa: E402
from lab.functions_host.worker import Worker  # noqa: E402

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-bench/providers/Microsoft.Network"
WARM_UP = 20
OPEN = {
    "priority": 300, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourcePortRange": "*",
    "sourceAddressPrefix": "Internet", "destinationAddressPrefix": "*",
    "destinationPortRanges": ["22", "443"],
}  # fmt: skip
CLOSED = {**OPEN, "destinationPortRanges": ["443"]}


def nsg(number: int, rule: dict[str, Any]) -> dict[str, Any]:
    identity = f"{NETWORK}/networkSecurityGroups/nsg-{number:05d}"
    rules = [{"name": "web", "id": f"{identity}/securityRules/web", "properties": rule}]
    return {
        "id": identity,
        "name": f"nsg-{number:05d}",
        "type": "Microsoft.Network/networkSecurityGroups",
        "etag": f'W/"{uuid.uuid5(uuid.NAMESPACE_URL, identity)}"',
        "location": "westeurope",
        "properties": {"provisioningState": "Succeeded", "securityRules": rules},
    }


def event(number: int, identity: str) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"bench-{number}",
            "source": f"/subscriptions/{SUBSCRIPTION}",
            "subject": identity,
            "type": "Microsoft.Resources.ResourceWriteSuccess",
            "time": "2026-10-20T09:15:30.1234567Z",
            "data": {
                "resourceUri": identity,
                "operationName": "Microsoft.Network/networkSecurityGroups/write",
                "claims": {"name": "bench"},
            },
        }
    )


def settings(arm: ArmProcess, folder: str) -> None:
    baseline = Path(folder) / "baseline.json"
    baseline.write_text(
        json.dumps({"version": 1, "mode": "enforce", "limits": {"maxWritesPerHour": 1_000_000}})
    )
    os.environ.update(
        {
            "AzureWebJobsStorage": "memory://bench",
            "ARM_ENDPOINT": arm.url,
            "ARM_STATIC_TOKEN": "bastion-guard",
            "SUBSCRIPTIONS": SUBSCRIPTION,
            "BASELINE": str(baseline),
        }
    )


async def timed(worker: Worker, name: str, data: TypedData) -> tuple[float, tuple[str, ...]]:
    start = time.perf_counter()
    answer = await worker.invoke(worker.functions[name], data)
    took = (time.perf_counter() - start) * 1000
    if not answer.ok:
        raise SystemExit(f"{name}: {answer.error}\n{answer.stack_trace}")
    return took, answer.messages.get("work", ())


async def run(documents: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Accept and reconcile one event per document; milliseconds of each."""
    worker = await Worker.start(ROOT)
    accepting, reconciling = [], []
    try:
        for number, document in enumerate(documents):
            data = TypedData(json=event(number, document["id"]))
            took, messages = await timed(worker, "on_resource_change", data)
            accepting.append(took)
            for message in messages:
                took, _ = await timed(worker, "reconcile", TypedData(string=message))
                reconciling.append(took)
    finally:
        await worker.stop()
    return accepting, reconciling


def calls(arm: ArmProcess, method: str) -> int:
    return sum(entry["method"] == method and "/operations/" not in entry["path"] for entry in arm.get("log"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=400)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with arm_process() as arm, tempfile.TemporaryDirectory() as folder:
        settings(arm, folder)
        compliant = [nsg(number, CLOSED) for number in range(args.events + WARM_UP)]
        drifted = [nsg(100_000 + number, OPEN) for number in range(args.events // 4)]
        arm.seed(compliant + drifted)
        accepting, reconciling = asyncio.run(run(compliant))
        reads = calls(arm, "GET")
        _, repairing = asyncio.run(run(drifted))
        writes = calls(arm, "PUT")
    accepting, reconciling = accepting[WARM_UP:], reconciling[WARM_UP:]
    print(f"accept_ms_p50: {statistics.median(accepting):.2f}")
    print(f"reconcile_ms_p50: {statistics.median(reconciling):.2f}")
    print(f"reconcile_ms_p99: {statistics.quantiles(reconciling, n=100)[98]:.2f}")
    print(f"repair_ms_p50: {statistics.median(repairing):.2f}")
    print(f"arm_reads_per_event: {reads / len(compliant):.2f}")
    print(f"arm_writes_per_repair: {writes / len(drifted):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
