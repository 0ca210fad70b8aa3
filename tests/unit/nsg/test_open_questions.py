"""Asking only what is still open finds what asking at every place about every source finds."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.nsg import NSG_ALONE, Direction, parse
from remediation.nsg.matching import Match, by_priority, matches
from remediation.nsg.outcomes import outcome
from remediation.nsg.projection import Projection, project
from remediation.nsg.rule import DEFAULT_RULES
from remediation.nsg.spaces.places import places
from remediation.nsg.walk import Table, table
from tests.unit.nsg.notation import nsg

PORT = 22
FAR = ("45.0.0.0/8", "45.60.0.0/16", "AzureCloud", "Internet", "VirtualNetwork", "2a0b:77c0::/32")
NEAR = ("*", "10.44.0.0/16", "asg(web)", "asg(db)", "AzureCloud")


def crowded(chance: random.Random, count: int) -> dict[str, Any]:
    """Rules of which hardly two agree in any dimension."""

    def prefix(first: int, shortest: int) -> str:
        return f"{first}.{chance.randrange(256)}.{chance.randrange(256)}.0/{chance.randint(shortest, 24)}"

    def line() -> str:
        far = chance.choice(FAR) if chance.random() < 0.1 else prefix(chance.randrange(20, 60), 5)
        near = chance.choice(NEAR) if chance.random() < 0.1 else prefix(10, 8)
        low = chance.randrange(65536)
        place, access = chance.randint(200, 400), chance.choice(("Allow", "Deny"))
        return f"{place} {access} Tcp {far}>{near}:{PORT} sp={low}-{chance.randint(low, 65535)}"

    return nsg("; ".join(line() for _ in range(count)))


def laid_out(documents: list[dict[str, Any]]) -> Table:
    return table([in_order(document) for document in documents], NSG_ALONE.public)


def in_order(document: dict[str, Any]) -> list[Match]:
    rules = [*parse(document).custom, *DEFAULT_RULES[Direction.INBOUND]]
    return by_priority(matches(rules, Direction.INBOUND, "tcp", PORT, NSG_ALONE))


def every_place_asked(rows: Table) -> tuple[int, int]:
    """What gets in, and what may, from walks at every place that begin with every source."""
    allowed = unknown = 0
    for place in places(
        rows.matches, NSG_ALONE.attached_ranges, memberships=len(rows.levels), distinct=False
    ):
        here, perhaps, _ = outcome(rows, place, rows.board.everything)
        allowed |= here
        unknown |= perhaps
    return allowed, unknown & ~allowed


def found(rows: Table) -> Projection:
    return project(rows, NSG_ALONE.attached_ranges)


@pytest.mark.parametrize("levels", [1, 2])
@given(seed=st.integers(0, 2**32), count=st.integers(1, 30))
def test_open_questions_leave_nothing_out(levels: int, seed: int, count: int) -> None:
    chance = random.Random(seed)  # noqa: S311  samples, not secrets
    rows = laid_out([crowded(chance, count // levels) for _ in range(levels)])
    asked = found(rows)
    assert every_place_asked(rows) == (asked.allowed, asked.unknown)


@given(seed=st.integers(0, 2**32), count=st.integers(1, 30))
def test_the_first_place_lets_in_what_it_says(seed: int, count: int) -> None:
    rows = laid_out([crowded(random.Random(seed), count)])  # noqa: S311
    asked = found(rows)
    if asked.first is None:
        assert not asked.allowed
    else:
        place, sources = asked.first
        assert sources & outcome(rows, place, rows.board.everything)[0] == sources
