"""What people wait for who look at findings, with thousands of them open: warm, through the runtime.

    python benchmarks/findings.py [--findings 5000] [--pages 50] [--storage memory|azurite]

Each finding is of a group of its own, with evidence and a repair as a real one has. Prints list_ms_p50 and
list_ms_p99 (a page of 100, with the numbers above it), list_ms_first (a fresh process: everything is counted
once), filtered_ms_p50 (the critical ones), detail_ms_p50, all_seconds (every page of 500 in turn) and
store_pages (pages of the ledger's store read for one answer page).
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lab.azurite import Azurite  # noqa: E402  the path comes first
from lab.functions_host.protos import PROTOS, TypedData  # noqa: E402
from lab.functions_host.worker import Worker  # noqa: E402
from remediation.findings import FindingRecord, FixRecord, State  # noqa: E402
from remediation.ledger.findings_book import FindingsBook  # noqa: E402
from remediation.ports import Ledger  # noqa: E402
from remediation.resource_id import ResourceId  # noqa: E402

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-bench/providers/Microsoft.Network"
ADA = "aaaaaaaa-0000-4000-8000-000000000001"
HEADERS = {"x-ms-client-principal-id": ADA, "x-ms-client-principal-name": "ada@contoso.example"}
SEVERITIES = ("critical", "high", "medium", "low")
BEGAN = datetime(2026, 10, 1, tzinfo=UTC)


def finding(number: int) -> FindingRecord:
    """An open finding with a proposed repair, about 4 kB."""
    identity = f"{NETWORK}/networkSecurityGroups/nsg-{number:05d}"
    rule = f"{identity}/securityRules/for-a-minute"
    body = {"id": rule, "name": "for-a-minute", "properties": {"priority": 300, "access": "Allow",
            "direction": "Inbound", "protocol": "Tcp", "sourceAddressPrefix": "Internet",
            "destinationPortRanges": ["22", "443", "3389"], "description": "x" * 400}}  # fmt: skip
    write = {"method": "PUT", "id": rule, "body": body}
    moment = BEGAN + timedelta(minutes=number)
    return FindingRecord(
        rule="nsg-mgmt-open-to-internet",
        resource=identity,
        title="A management port is open to the internet",
        severity=SEVERITIES[number % 4],
        message=f"Rule for-a-minute lets the whole internet in on TCP 22 and 3389 (machine {number}).",
        guidance=["C2", "R13", "R14"],
        evidence={"witness": {"source": "20.33.7.9", "port": 22, "allowedBy": "for-a-minute"},
                  "heldBackBy": ["the baseline says propose"], "guards": ["below_threshold"]},
        disposition="propose",
        state=State.OPEN,
        seq=1,
        opened_at=moment,
        changed_at=moment,
        actor={"name": f"user{number % 50}@contoso.example", "client": "Azure portal"},
        commands=["az network nsg rule update -g rg-bench --nsg-name x -n for-a-minute"],
        fix=FixRecord(title="Narrow it", writes=[write], inverse=[write], before={rule.lower(): body}),
        owner=f"team {number % 12}",
    )  # fmt: skip


def seed(ledger: Ledger, count: int) -> None:
    book = FindingsBook(ledger)
    for number in range(count):
        record = finding(number)
        book.amend(ResourceId.parse(record.resource), lambda _, record=record: {record.name: record})  # type: ignore[misc]


@contextlib.contextmanager
def stored(kind: str) -> Iterator[tuple[str, Ledger]]:
    """A connection, and the ledger there."""
    if kind == "memory":
        from remediation.adapters.memory.storage import shared

        yield "memory://findings", shared("findings").ledger
        return
    with Azurite() as azurite:
        from functools import partial

        from remediation.adapters.clock import SystemClock
        from remediation.adapters.retrying import Retry
        from remediation.adapters.storage.account import StorageAccount
        from remediation.adapters.storage.ledger_tables import TablesLedger

        account = StorageAccount(connection_string=azurite.connection_string)
        retry = partial(Retry, SystemClock())
        yield azurite.connection_string, TablesLedger(account, retry=retry(of="tables"))


async def asked(worker: Worker, name: str, query: dict[str, str], identity: str = "") -> tuple[float, Any]:
    """Milliseconds of one request, and its answer."""
    http = PROTOS.RpcHttp(
        method="GET", url=f"http://localhost/api/{name}", headers=HEADERS, query=query,
        params={"id": identity} if identity else {}, body=TypedData(bytes=b""),
    )  # fmt: skip
    start = time.perf_counter()
    ended = await worker.invoke(worker.functions[name], TypedData(http=http))
    took = (time.perf_counter() - start) * 1000
    if not ended.ok or ended.returned is None:
        raise SystemExit(f"{name}: {ended.error}\n{ended.stack_trace}")
    body = json.loads(ended.returned.http.body.bytes)
    if int(ended.returned.http.status_code) != 200:
        raise SystemExit(f"{name}: {body}")
    return took, body


async def every_page(worker: Worker, limit: int) -> tuple[list[float], list[str]]:
    times, ids, more = [], [], {"limit": str(limit)}
    while True:
        took, body = await asked(worker, "findings", more)
        times.append(took)
        ids += [one["id"] for one in body["findings"]]
        if body["next"] is None:
            return times, ids
        more["next"] = body["next"]


async def measure(count: int, pages: int) -> dict[str, float]:
    worker = await Worker.start(ROOT)
    try:
        first, _ = await asked(worker, "findings", {})
        times, ids = await every_page(worker, 100)
        if len(set(ids)) != count:
            raise SystemExit(f"{len(set(ids))} of {count} findings were listed")
        critical = [(await asked(worker, "findings", {"severity": "critical"}))[0] for _ in range(pages)]
        detail = [(await asked(worker, "finding", {}, one))[0] for one in ids[:pages]]
        began = time.perf_counter()
        await every_page(worker, 500)
        whole = time.perf_counter() - began
    finally:
        await worker.stop()
    return {
        "list_ms_p50": statistics.median(times),
        "list_ms_p99": statistics.quantiles(times, n=100)[98],
        "list_ms_first": first,
        "filtered_ms_p50": statistics.median(critical),
        "detail_ms_p50": statistics.median(detail),
        "all_seconds": whole,
    }


def store_pages(ledger: Ledger) -> int:
    """Pages of the store that an answer page costs: each call of `rows` is one while it asks for 1,000."""
    from remediation.on_call.listing.asked import Asked
    from remediation.on_call.listing.pages import page

    calls = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(ledger, name)

        def rows(self, partition: str, **bounds: Any) -> Any:
            calls.append(partition)
            return ledger.rows(partition, **bounds)

    counting: Any = Counting()
    page(counting, Asked())
    return len(calls)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=5000)
    parser.add_argument("--pages", type=int, default=50)
    parser.add_argument("--storage", choices=["memory", "azurite"], default="memory")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with stored(args.storage) as (connection, ledger), tempfile.TemporaryDirectory() as folder:
        baseline = Path(folder) / "baseline.json"
        baseline.write_text(json.dumps({"version": 1, "people": {"read": [ADA]}}))
        os.environ.update({
            "AzureWebJobsStorage": connection, "BASELINE": str(baseline), "SUBSCRIPTIONS": SUBSCRIPTION,
            "ARM_ENDPOINT": "http://127.0.0.1:9", "ARM_STATIC_TOKEN": "bastion-guard",
            "WEBSITE_AUTH_ENABLED": "true",
        })  # fmt: skip
        seed(ledger, args.findings)
        for name, value in asyncio.run(measure(args.findings, args.pages)).items():
            print(f"{name}: {value:.2f}")
        print(f"store_pages: {store_pages(ledger)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
