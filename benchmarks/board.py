"""How soon the page can be used, with thousands of findings open.

    python benchmarks/board.py [--findings 5000] [--runs 5]

The lab's functions host serves the app with that many open findings in its ledger; Chromium opens the page
as somebody who signed in. Prints medians: interactive_ms, from the first request to a list that can be read,
clicked and filtered; finding_ms, to a finding that a card's link opened; page_bytes, what a browser gets.
"""

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lab.arm import serving  # noqa: E402  the path comes first
from lab.front_door import FrontDoor, Person  # noqa: E402
from lab.world import World  # noqa: E402
from remediation.adapters.memory import storage as memory  # noqa: E402
from remediation.app.board.page import page  # noqa: E402
from remediation.findings import FindingRecord, State  # noqa: E402
from remediation.ledger.findings_book import FindingsBook  # noqa: E402
from remediation.ledger.keys import id_of  # noqa: E402
from remediation.resource_id import ResourceId  # noqa: E402
from tests.browser import find  # noqa: E402
from tests.unit.board.visitor import Visitor  # noqa: E402

ADA = Person("ada@contoso.example", "aaaaaaaa-0000-4000-8000-000000000001")
SEVERITIES = ("critical", "high", "medium", "low")
LISTED = "performance.getEntriesByName('listed')[0]?.startTime"
READ = "document.querySelector('.verbs') && performance.now()"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--findings", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args(argv)
    logging.disable(logging.WARNING)
    if find() is None:
        sys.stderr.write("board: no Chromium on this machine\n")
        return 2
    asyncio.run(run(args.findings, args.runs))
    return 0


async def run(findings: int, runs: int) -> None:
    people = {"apply": [ADA.object_id], "exempt": [], "read": []}
    world = World(baseline_changes={"people": people}, settings={"WEBSITE_AUTH_ENABLED": "true"})
    async with world, serving((front := FrontDoor(world.functions_url)).app) as address:
        front.at_the_desk = ADA
        known = fill(world, findings)
        await asyncio.to_thread(visit, f"{address}/api/board", known, runs)


def fill(world: World, count: int) -> str:
    """Open findings in the ledger of the app; the id of one of them."""
    book = FindingsBook(memory.shared(world.connection.removeprefix("memory://")).ledger)
    for number in range(count):
        target = ResourceId.parse(
            f"/subscriptions/{world.subscription}/resourceGroups/rg-{number % 40}"
            f"/providers/Microsoft.Network/networkSecurityGroups/nsg-{number:05}"
        )
        record = open_finding(target.text, number)
        book.amend(target, partial(_one, record))
    return id_of(target.text, record.name)


def _one(record: FindingRecord, _known: dict[str, FindingRecord]) -> dict[str, FindingRecord]:
    return {record.name: record}


def open_finding(resource: str, number: int) -> FindingRecord:
    opened = datetime.now(UTC) - timedelta(minutes=number)
    return FindingRecord(
        rule="nsg-mgmt-open-to-internet",
        resource=resource,
        title="Management port open to the internet",
        severity=SEVERITIES[number % len(SEVERITIES)],
        message="TCP 22 can be reached from the whole internet through rule allow-any",
        guidance=["C2", "R13"],
        evidence={"ports": [22], "publicSources": ["0.0.0.0/0"]},
        disposition="propose",
        state=State.OPEN,
        seq=1,
        opened_at=opened,
        changed_at=opened,
        owner=f"team-{number % 12}",
    )


def visit(address: str, known: str, runs: int) -> None:
    listed, read = [], []
    with tempfile.TemporaryDirectory() as folder, Visitor(str(find()), Path(folder)) as visitor:
        visitor.visit(address)
        visitor.press_button("Sign in")
        for _ in range(runs):
            visitor.visit(address)
            visitor.until(LISTED)
            listed.append(visitor.sees(LISTED))
            visitor.visit(f"{address}?finding={known}")
            visitor.until(READ)
            read.append(visitor.sees(READ))
    print(f"interactive_ms: {statistics.median(listed):.0f}")
    print(f"finding_ms: {statistics.median(read):.0f}")
    print(f"page_bytes: {len(page().text.encode())}")


if __name__ == "__main__":
    sys.exit(main())
