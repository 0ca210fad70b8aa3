"""How findings are put for each kind of channel: one, or many at once, as what its notifier posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from remediation.findings import FindingRecord
from remediation.resource_id import ResourceId
from remediation.telling import slack
from remediation.telling.cards import card, digest
from remediation.telling.cards.advice import AT_A_DESK, Reader
from remediation.telling.cards.greeting import MEANING, greeting
from remediation.telling.channels.event import announcement

type Told = tuple[str, FindingRecord]
"""The id of the target whose look brought a finding, and the finding as it is told."""


class Voice(Protocol):
    """Turns findings into what a channel's notifier posts; pure."""

    def one(self, told: Told, now: datetime) -> dict[str, Any]:
        """One finding's latest news."""
        ...

    def many(self, told: Sequence[Told], now: datetime) -> dict[str, Any]:
        """Several findings as one piece of news."""
        ...

    def hello(self, channel: str, now: datetime) -> dict[str, Any]:
        """Something harmless that shows that the channel works."""
        ...


@dataclass(frozen=True, slots=True)
class CardVoice:
    """Adaptive Cards, for Teams and for the log; each leads to the app's page, where that has an address."""

    reader: Reader = AT_A_DESK

    def one(self, told: Told, now: datetime) -> dict[str, Any]:
        return card(told[1], now=now, reader=self.reader, target=told[0])

    def many(self, told: Sequence[Told], now: datetime) -> dict[str, Any]:
        return digest([record for _, record in told], now=now, reader=self.reader)

    def hello(self, channel: str, now: datetime) -> dict[str, Any]:
        return greeting(channel, now=now)


@dataclass(frozen=True, slots=True)
class SlackVoice:
    """Messages of blocks, for Slack, with the same links."""

    reader: Reader = AT_A_DESK

    def one(self, told: Told, now: datetime) -> dict[str, Any]:
        return slack.message(told[1], now=now, reader=self.reader, target=told[0])

    def many(self, told: Sequence[Told], now: datetime) -> dict[str, Any]:
        return slack.digest([record for _, record in told], now=now, reader=self.reader)

    def hello(self, channel: str, now: datetime) -> dict[str, Any]:
        return slack.greeting(channel, now=now)


@dataclass(frozen=True, slots=True)
class EventVoice:
    """The CloudEvents of the drift topic, for programs: `source` is the app's name.

    Several at once are a batch of them; of one finding only the latest change is among them.
    """

    source: str

    def one(self, told: Told, now: datetime) -> dict[str, Any]:
        del now
        return {"events": [self._event(told)]}

    def many(self, told: Sequence[Told], now: datetime) -> dict[str, Any]:
        del now
        return {"events": [self._event(each) for each in told]}

    def hello(self, channel: str, now: datetime) -> dict[str, Any]:
        name = f"channel-test-{channel}-{now:%Y%m%dT%H%M%SZ}"
        event = self._envelope(name, "BastionGuard.ChannelTest", f"channels/{channel}", now)
        return {"events": [event | {"data": {"channel": channel, "message": MEANING}}]}

    def _event(self, told: Told) -> dict[str, Any]:
        target, record = told
        said = announcement(ResourceId.parse(target), record)
        return self._envelope(said.id, said.type, said.subject, said.time) | {"data": said.data}

    def _envelope(self, identity: str, kind: str, subject: str, time: datetime) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": identity,
            "source": self.source,
            "type": kind,
            "subject": subject,
            "time": time.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
        }


CARDS = CardVoice()
