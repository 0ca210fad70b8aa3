"""Of several who ask for one target in a round, whoever asks for most is answered."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from remediation.messages import Message
from remediation.reconciling.rounds.touching import Asked, Touched
from remediation.reconciling.sweeping import Candidate
from tests.builders import AT, NSG_ID

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = Message(target=NSG_ID.text, reason="sweep", force=True)
BY_SETTINGS = Asked(NSG_ID, MESSAGE, Candidate(NSG_ID, "1", thrifty=True, for_settings=True))
BY_SWEEP = Asked(NSG_ID, MESSAGE, Candidate(NSG_ID, "1"))
BY_NEIGHBOUR = Asked(NSG_ID, Message(target=NSG_ID.text, expand=AT, event_time=BEGINNING))
BY_ITSELF = Asked(NSG_ID, Message(target=NSG_ID.text, event_time=BEGINNING), itself=True)


def touched(*asked: Asked) -> Asked:
    found = Touched(BEGINNING)
    for one in asked:
        found.add(one)
    (told,) = found.asked.values()
    return told


@pytest.mark.parametrize("other", [BY_SWEEP, BY_NEIGHBOUR, BY_ITSELF], ids=["sweep", "neighbour", "itself"])
def test_a_sweep_that_compares_settings_alone_narrows_no_other_question(other: Asked) -> None:
    for asked in permutations((BY_SETTINGS, other)):
        told = touched(*asked)

        assert told.swept is None or not told.swept.for_settings
        assert not told.itself
        assert other.swept is None or told.swept == other.swept


def test_where_nothing_else_asks_settings_alone_are_compared() -> None:
    told = touched(BY_SETTINGS, BY_SETTINGS)

    assert told.swept == BY_SETTINGS.swept
