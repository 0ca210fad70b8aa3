"""Channels whose secret cannot be used yet: each stops only itself, and somebody is told elsewhere."""

from datetime import timedelta

from remediation.adapters.channels.as_set import ChannelAsSet
from remediation.adapters.memory.storage import MemoryNotifier
from remediation.errors import PermanentError
from remediation.telling.heartbeat import unwritable
from tests.builders import SUBSCRIPTION
from tests.faults import Teams, always
from tests.unit.telling.board import Town, a_town, an_open_nsg, nsgs

SECRET = "CHANNEL_PAYMENTS"
REFERENCE = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/payments)"


class Vault:
    """A setting that is a reference for so long; what posts is made of it as it is when a card is sent."""

    def __init__(self, town: Town, lasts: timedelta) -> None:
        self._town = town
        self._until = town.world.clock.now() + lasts
        town.through["payments"] = ChannelAsSet([SECRET], self._read, lambda _: MemoryNotifier())

    def _read(self, name: str) -> str:
        assert name == SECRET
        resolved = self._town.world.clock.now() >= self._until
        return "https://hooks.slack.com/services/x" if resolved else REFERENCE


def test_a_reference_that_is_resolved_after_a_minute_is_no_news_and_its_cards_come() -> None:
    first, second = nsgs(2)
    town = a_town(an_open_nsg("payments", first), an_open_nsg("shop", second))
    Vault(town, timedelta(minutes=1))
    town.looks(first)
    town.looks(second)

    town.tells()

    assert (["drift found"], ["drift found"]) == (town.heard("payments"), town.heard("shop"))
    assert [] == town.heard("platform")


def test_a_reference_that_stays_unresolved_is_told_on_the_default_channel_and_so_is_its_end() -> None:
    town = a_town(an_open_nsg("payments"))
    Vault(town, timedelta(minutes=30))
    town.looks()

    town.tells()

    assert ["drift found"] == town.heard("payments")
    assert ["trouble", "resolved"] == town.heard("platform")
    assert "Key Vault reference that is not resolved" in str(town.cards("platform")[0])
    assert "SecretUri" not in str(town.cards("platform"))


def test_a_channel_that_refuses_is_down_until_it_takes_cards_again() -> None:
    town = a_town(an_open_nsg("payments"))
    town.through["payments"] = Teams(MemoryNotifier(), always(PermanentError("the workflow is gone")))
    town.looks()
    town.tells()

    (down,) = town.outlets.refusing()
    assert ("payments", True) == (down.part, down.serious)
    assert "the workflow is gone" in down.reason

    del town.through["payments"]
    town.outlets.nudge()
    town.tells()
    assert [] == town.outlets.refusing()


def test_what_no_ledger_can_hold_is_told_on_the_default_channel() -> None:
    town = a_town()
    error = PermanentError("the account was closed")

    town.outlets.tell_directly(unwritable(error, town.world.clock.now(), SUBSCRIPTION))

    assert ["trouble"] == town.heard("platform")
    assert "the account was closed" in str(town.cards("platform"))
