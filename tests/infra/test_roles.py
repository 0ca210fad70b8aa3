"""The two roles are exactly what the app needs: nothing is missing, nothing is unused.

The lab's ARM derives the action of every request, and the linked actions of its body, and refuses what the
role lacks; the roles are the files that Bicep loads.
"""

import contextlib
import functools
from collections.abc import Callable
from functools import partial

import pytest

from lab.world import World
from remediation.errors import PermanentError
from tests.e2e.conftest import play, role, told
from tests.infra.reading import CALLER, Reader, cases, neighbours, reading
from tests.infra.repairs import REPAIRS

OBSERVE, FIX = role("observe"), role("fix")

type Probe = Callable[[Reader], object]


def probes() -> list[Probe]:
    """Everything the app reads in order to judge, piece by piece."""
    judging: list[Probe] = [
        partial(lambda reader, rule, case: reader.judge(rule, case), rule=rule, case=case)
        for rule, case in cases()
    ]
    expanding: list[Probe] = [
        partial(lambda reader, neighbour: reader.expand(neighbour), neighbour=neighbour)
        for neighbour in neighbours()
    ]
    return [*judging, *expanding, Reader.sweep, Reader.activity]


@functools.cache
def readings() -> tuple[dict[str, Probe], int]:
    """Under the observe role: one probe for each action (lower case) that was asked for, and the refusals."""
    first: dict[str, Probe] = {}
    refused = 0
    with reading(OBSERVE) as reader:
        for probe in probes():
            probe(reader)
            refused += _refusals(reader)
            for action in reader.demanded():
                first.setdefault(action.lower(), probe)
    return first, refused


def _refusals(reader: Reader) -> int:
    found = sum(entry.status == 403 for entry in reader.arm.log.entries())
    reader.arm.log.clear()
    return found


def without(actions: list[str], one: str) -> list[str]:
    return [action for action in actions if action != one]


def test_under_the_observe_role_nothing_the_app_reads_is_refused() -> None:
    assert readings()[1] == 0


def test_the_observe_role_permits_what_the_app_reads_and_nothing_else() -> None:
    assert {action.lower() for action in OBSERVE} == readings()[0].keys()


def test_the_observe_role_can_write_nothing() -> None:
    assert [action for action in OBSERVE if not action.endswith("/read") or "*" in action] == []


@pytest.mark.parametrize("action", OBSERVE)
def test_without_any_one_action_of_the_observe_role_something_is_refused(action: str) -> None:
    probe = readings()[0][action.lower()]
    with reading(without(OBSERVE, action)) as reader:
        with contextlib.suppress(PermanentError):
            probe(reader)
        assert _refusals(reader) > 0


def test_no_role_holds_a_wildcard_or_may_give_roles_or_take_locks_away() -> None:
    for action in [*OBSERVE, *FIX]:
        assert "*" not in action
        assert not (action.startswith("Microsoft.Authorization/") and not action.endswith("/read"))


def test_the_roles_do_not_overlap() -> None:
    assert {action.lower() for action in OBSERVE} & {action.lower() for action in FIX} == set()


@functools.cache
def repaired(name: str, *actions: str) -> tuple[bool, frozenset[str]]:
    """Whether a story ends mended under a role, and the actions (lower case) it asked for."""
    repair = REPAIRS[name]
    outcome: list[tuple[bool, frozenset[str]]] = []

    async def story(world: World) -> None:
        await repair.spoil(world)
        await world.quiet(seconds=60)
        demanded = world.arm.authorization.demanded.get(CALLER, set())
        print(told(world), repair.mended(world))
        outcome.append((repair.mended(world), frozenset(action.lower() for action in demanded)))

    play(story, seed=21, roles={CALLER: actions}, baseline_changes=repair.baseline)
    return outcome[0]


@pytest.mark.parametrize("name", REPAIRS)
def test_under_both_roles_every_kind_of_repair_is_made(name: str) -> None:
    mended, demanded = repaired(name, *OBSERVE, *FIX)
    assert mended
    assert demanded - {action.lower() for action in [*OBSERVE, *FIX]} == set()


@pytest.mark.parametrize("name", REPAIRS)
def test_under_the_observe_role_alone_nothing_is_repaired(name: str) -> None:
    mended, _ = repaired(name, *OBSERVE)
    assert not mended


def test_the_fix_role_permits_what_repairs_need_and_nothing_else() -> None:
    demanded = frozenset[str]().union(*(repaired(name, *OBSERVE, *FIX)[1] for name in REPAIRS))
    assert {action.lower() for action in FIX} == demanded - {action.lower() for action in OBSERVE}


@pytest.mark.parametrize("action", FIX)
def test_without_any_one_action_of_the_fix_role_a_repair_is_not_made(action: str) -> None:
    needing = [name for name in REPAIRS if action.lower() in repaired(name, *OBSERVE, *FIX)[1]]
    mended, _ = repaired(needing[0], *OBSERVE, *without(FIX, action))
    assert not mended
