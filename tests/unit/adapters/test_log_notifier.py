import logging

import pytest

from remediation.adapters.log_notifier import LogNotifier
from remediation.telling.cards import card
from tests.unit.cards.samples import HOSTILE, NOW


def test_a_card_becomes_one_log_record_with_its_lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    LogNotifier().post(card(HOSTILE, now=NOW))

    (record,) = caplog.records
    told = vars(record)
    assert record.getMessage() == "card.posted"
    assert told["headline"].startswith("Drift found: ")
    assert told["lines"][0] == "DRIFT FOUND \u00b7 CRITICAL"
    assert [line for line in told["lines"] if not line.isprintable()] == []
