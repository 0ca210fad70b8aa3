"""How many cards people get: from a burst of findings, and from one finding over its whole life.

    python benchmarks/cards.py [--findings 1000] [--owners 50]

A burst (one deployment that opens many findings) goes through the findings book, the direct announcer and
the sender, all in memory. Prints cards_per_burst, bytes_per_burst (whole webhook requests) and largest_bytes;
then changes_in_a_life and cards_in_a_life of a finding that is found, seen again, changed, delivered again,
exempted, reopened, reminded of, repaired and stays so: both numbers must be the same. At last the same burst
spread over owners with a channel each: cards_per_channel (the most that one got; findings_told says that none
is missing), then with one of the channels down for a day: cards_of_the_one_down, hours_until_told there, and
others_delayed_s, how much later than without it the slowest other channel was told.
"""

import argparse
import base64
import logging
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.cards_channels import spread  # noqa: E402  the path comes first
from remediation.adapters.clock import VirtualClock  # noqa: E402  the path comes first
from remediation.adapters.memory.storage import MemoryLedger, MemoryNotifier, MemoryQueue  # noqa: E402
from remediation.findings import Look, draft  # noqa: E402
from remediation.ledger.cards import Cards  # noqa: E402
from remediation.ledger.findings_book import FindingsBook  # noqa: E402
from remediation.messages import Message, decode_card  # noqa: E402
from remediation.model import Finding, Plan, Severity  # noqa: E402
from remediation.policy import Policy  # noqa: E402
from remediation.resource_id import ResourceId  # noqa: E402
from remediation.telling.announcing import Herald  # noqa: E402
from remediation.telling.cards import request_body  # noqa: E402
from remediation.telling.sender import Sender  # noqa: E402
from remediation.telling.without_topic import DirectAnnouncer  # noqa: E402

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-bench/providers/Microsoft.Network"


class Bench:
    """Findings in, cards out."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        ledger, self.queue = MemoryLedger(), MemoryQueue(self.clock)
        self.notifier = MemoryNotifier()
        policy = Policy(frozenset({SUBSCRIPTION}))
        self.sender = Sender(
            Cards(ledger),
            FindingsBook(ledger),
            self.queue,
            self.notifier,
            self.clock,
            policy,
            digest_above=5,
            delay=2.0,
        )
        self.herald = Herald(ledger, DirectAnnouncer(self.sender), self.clock)

    def look(self, target: ResourceId, look: Look) -> None:
        records = self.herald.record(target, look, Message(target=target.text, actor={"name": "alice"}))
        self.herald.announce(target, records.values())

    def settle(self) -> None:
        """Let time pass and cards go out until nothing is owed."""
        while (visible := self.queue.next_visible("cards")) is not None:
            self.clock.advance(max(0.0, (visible - self.clock.now()).total_seconds()))
            for received in self.queue.receive("cards", visibility=60):
                self.sender.send(decode_card(base64.b64decode(received.text)))
                self.queue.delete("cards", received)

    def sizes(self) -> list[int]:
        return [len(request_body(card)) for card in self.notifier.cards]


def finding(number: int, message: str = "TCP 22 can be reached from the whole internet") -> Finding:
    evidence: dict[str, Any] = {"ports": ["tcp/22"]}
    return Finding(
        rule="nsg-mgmt-open-to-internet",
        resource=ResourceId.parse(f"{GROUP}/networkSecurityGroups/nsg-{number:04d}"),
        severity=Severity.CRITICAL,
        title="Management port open to the internet",
        message=message,
        guidance=("R13",),
        evidence=evidence,
    )


def burst(count: int) -> list[int]:
    bench = Bench()
    for number in range(count):
        found = finding(number)
        bench.look(found.resource, Look(Plan(alerts=(found,))))
    bench.settle()
    return bench.sizes()


def life() -> tuple[int, int]:
    """Real changes of one finding, and the cards they led to."""
    bench, found = Bench(), finding(1)
    wider = finding(1, "TCP 22, TCP 3389 can be reached from the whole internet")
    until = {"exemptUntil": "2030-01-01T00:00:00Z"}
    exempt = replace(wider, evidence={**wider.evidence, **until})
    repaired = draft(wider, Message(target=wider.resource.text), bench.clock.now(), "write-1")
    looks = [
        Look(Plan(alerts=(found,))), Look(Plan(alerts=(found,))), Look(Plan(alerts=(wider,))),
        Look(Plan(alerts=(wider,))), Look(Plan(exempt=(exempt,))), Look(Plan(exempt=(exempt,))),
        Look(Plan(alerts=(wider,))), Look(repaired=(repaired,)), Look(), Look(),
    ]  # fmt: skip
    for look in looks:
        bench.look(found.resource, look)
        bench.settle()
        if look is looks[6]:
            bench.clock.advance(timedelta(hours=73).total_seconds())
            bench.herald.announce_all(timedelta(hours=72))
            bench.herald.announce_all(timedelta(hours=72))
            bench.settle()
    told = ["found", "changed", "exempted", "exemption expired", "reminded", "fixed"]
    return len(told), len(bench.notifier.cards)


def channels(findings: int, owners: int) -> None:
    """Figures of a burst over many channels, and of the day on which one of them is down."""
    calm, began = spread(finding, SUBSCRIPTION, findings, owners, down=False)
    told = sum(told_in(card) for desk in calm.desks.values() for card in desk.cards)
    print(f"cards_per_channel: {max(len(desk.cards) for desk in calm.desks.values())}")
    print(f"findings_told: {told}")
    usual = max(moment - began for desk in calm.desks.values() for moment in desk.times)
    rough, began = spread(finding, SUBSCRIPTION, findings, owners, down=True)
    down = rough.desks["team-00"]
    others = [moment - began for desk in rough.desks.values() if desk is not down for moment in desk.times]
    print(f"cards_of_the_one_down: {len(down.cards)}")
    print(f"hours_until_told: {(down.times[-1] - began).total_seconds() / 3600:.2f}")
    print(f"others_delayed_s: {(max(others) - usual).total_seconds():.1f}")


def told_in(card: dict[str, Any]) -> int:
    """How many findings a card tells of."""
    count, _, rest = str(card["fallbackText"]).partition(" findings at once")
    return int(count) if rest else 1


def main() -> int:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("--findings", type=int, default=1000)
    parser.add_argument("--owners", type=int, default=50)
    args = parser.parse_args()
    logging.disable(logging.WARNING)  # a channel that is down for a day says so every quarter of an hour
    sizes = burst(args.findings)
    changes, cards = life()
    print(f"cards_per_burst: {len(sizes)}")
    print(f"bytes_per_burst: {sum(sizes)}")
    print(f"largest_bytes: {max(sizes)}")
    print(f"changes_in_a_life: {changes}")
    print(f"cards_in_a_life: {cards}")
    channels(args.findings, args.owners)
    return 0


if __name__ == "__main__":
    sys.exit(main())
