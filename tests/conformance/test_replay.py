"""The lab's ARM against recorded traffic: every interaction of every session, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.arm import in_background
from tests.conformance.replay import Outcome, replay
from tests.conformance.score import Score, is_known, known_differences, lines, scores
from tests.conformance.summary import PROPERTY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.recordings import Session

HIGH = 0.95
OVERALL = 0.90
CORE = (
    "networkSecurityGroups",
    "securityRules",
    "publicIPAddresses",
    "bastionHosts",
    "networkInterfaces",
    "subnets",
    "diagnosticSettings",
)


@pytest.fixture(scope="session")
def outcomes(recorded: list[Session]) -> list[Outcome]:
    with in_background() as url:
        return replay(url, recorded)


def test_the_lab_answers_as_recorded_traffic_did(
    outcomes: list[Outcome], record_property: Callable[[str, object], None]
) -> None:
    """Nine of ten interactions over all are without any difference; the score is printed with the run."""
    for line in lines(outcomes):
        record_property(PROPERTY, line)
    whole, _ = scores(outcomes)
    assert whole.share >= OVERALL, f"{whole}; see python -m tests.conformance"


@pytest.mark.parametrize("kind", CORE)
def test_the_types_that_are_repaired_and_watched_answer_as_recorded(
    kind: str, outcomes: list[Outcome]
) -> None:
    score = scores(outcomes)[1].get(kind, Score())
    assert score.share >= HIGH, f"{kind}: {score}; see python -m tests.conformance"


def test_every_interaction_of_every_session_is_counted(
    recorded: list[Session], outcomes: list[Outcome]
) -> None:
    assert len(outcomes) == sum(len(session.interactions) for session in recorded)


def test_every_known_difference_still_occurs(outcomes: list[Outcome]) -> None:
    """An entry nothing needs any more has to go."""
    differing = [outcome for outcome in outcomes if outcome.differences]
    for known in known_differences():
        assert any(known.covers(each, one) for each in differing for one in each.differences), known


def test_what_differs_is_known(outcomes: list[Outcome]) -> None:
    """A difference that is not understood is a fault of the lab, or belongs on the list with its reason."""
    allowed = known_differences()
    unknown = [each for each in outcomes if each.differences and not is_known(each, allowed)]
    assert len(unknown) <= len(outcomes) * (1 - OVERALL), [str(each.differences[0]) for each in unknown]
