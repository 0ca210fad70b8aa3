"""A deployed app, its ARM and somebody on call at a terminal, in one process: what is printed is typed.

Commands run as they are printed, against the app's own ledger and queue and against ARM; of Azure's CLI the
few commands that cards print are understood, by what they would send.
"""

import base64
import json
import shlex
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.arm import Arm, in_background
from remediation.adapters.memory.storage import forget, shared
from remediation.app import App
from remediation.findings import FindingRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message, encode
from remediation.telling.cards.story import Tone, story
from tests.builders import NSG_ID, SUBSCRIPTION, a_spoke, an_event, an_nsg
from tests.terminal import Typed, typed_here
from tests.typed_az import typed

ENFORCING = '{"version": 1, "mode": "enforce", "defaultEnvironment": "production"}'
GUARD, ENGINEER = "guard", "engineer"
RULE = "nsg-mgmt-open-to-internet"
VERSION = "api-version=2024-05-01"
MOST = 50
LANES = "reconcile", "neighbourhood"


@dataclass
class Town:
    """Where the app works. `name` is that of its storage in memory."""

    arm: Arm
    url: str
    name: str
    folder: Path
    events: int = 0
    more: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "SUBSCRIPTIONS": SUBSCRIPTION,
            "AzureWebJobsStorage": f"memory://{self.name}",
            "ARM_ENDPOINT": self.url,
            "ARM_STATIC_TOKEN": GUARD,
            "BASELINE": str(self.folder / "baseline.json"),
            "GATHER_SECONDS": "0",
            **self.more,
        }

    @property
    def app(self) -> App:
        """The app as it starts now, with the baseline that stands there now."""
        return App(self.settings)

    def allows(self, baseline: str) -> None:
        (self.folder / "baseline.json").write_text(baseline)

    # What happens --------------------------------------------------------------------------------

    def opens(self, *rules: dict[str, Any], tags: dict[str, str] | None = None) -> None:
        """Somebody opens port 22 of the group `web`, or puts these rules there; the app hears of it."""
        opened = None if rules else "Internet"
        self.arm.seed([an_nsg(*rules, allow_ssh_from=opened, tags=tags), *a_spoke()])
        self.hears()

    def hears(self) -> None:
        self.events += 1
        moment = datetime.now(UTC).isoformat()
        for text in self.app.accept(an_event(event_id=f"event {self.events}", time=moment)):
            self.app.reconcile(text)

    def handles(self, message: Message) -> None:
        self.app.reconcile(encode(message))

    def works(self) -> int:
        """Work off what lies on the queues of the two lanes and is due; returns how much."""
        count = 0
        while count < MOST and (handled := sum(self._works(lane) for lane in LANES)):
            count += handled
        return count

    def _works(self, lane: str) -> int:
        queue, app = shared(self.name).queue, self.app
        received = queue.receive(lane, visibility=60.0)
        for each in received:
            app.reconcile(base64.b64decode(each.text).decode())
            queue.delete(lane, each)
        return len(received)

    # What is there -------------------------------------------------------------------------------

    def finding(self, rule: str = RULE) -> FindingRecord:
        found = FindingsBook(shared(self.name).ledger).of(NSG_ID)
        return next(record for record in found.values() if record.rule == rule)

    def rules(self) -> list[str]:
        body = self.sends("GET", f"{NSG_ID.text}?{VERSION}")
        return [rule["name"] for rule in body["properties"]["securityRules"]]

    # What is typed -------------------------------------------------------------------------------

    def on_the_card(self, rule: str = RULE) -> list[str]:
        """The commands on the card of a finding's latest news."""
        told = story(self.finding(rule), now=datetime.now(UTC))
        return [line.text for section in told.sections for line in section.lines if line.tone is Tone.COMMAND]

    def types(self, command: str) -> Typed:
        """Run a command of ours as it is printed, or what one of Azure's would send."""
        words = shlex.split(command)
        if words[0] in {"az", "test"}:
            return Typed(0 if typed(command, OfTown(self)) else 1, "", "")
        assert words[:3] == ["python", "-m", "remediation"], command
        return typed_here(self.folder, self.settings, *words[3:])

    def sends(self, method: str, path: str, body: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {ENGINEER}", "Content-Type": "application/json"}
        asked = urllib.request.Request(  # noqa: S310  the lab, on loopback
            self.url + path, None if body is None else body.encode(), headers, method=method
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            text = answer.read()
        self.arm.advance(600.0)
        return json.loads(text) if text else None


@dataclass(frozen=True)
class OfTown:
    """The town's ARM, for what somebody types of the Azure CLI."""

    town: Town

    def show(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.town.sends("GET", f"{path}?{VERSION}")
        return found

    def send(self, method: str, path: str, body: dict[str, Any] | None) -> None:
        self.town.sends(method, f"{path}?{VERSION}", None if body is None else json.dumps(body))


@contextmanager
def a_town(folder: Path, name: str, baseline: str = ENFORCING) -> Iterator[Town]:
    arm = Arm()
    with in_background(arm) as url:
        town = Town(arm, url, name, folder)
        town.allows(baseline)
        yield town
    forget(name)
