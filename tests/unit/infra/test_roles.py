"""The three roles are exactly what the app needs: nothing is missing, nothing is unused.

The lab's ARM derives the action of every request, and the linked actions of its body, and refuses what the
role lacks; the roles are the files that Bicep loads.
"""

import contextlib
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import pytest

from lab.world import World
from remediation.arm_lists import ASKED_BY_POST
from remediation.errors import PermanentError
from remediation.kinds import EFFECTIVE_ADMIN_RULE
from tests.story.e2e.conftest import play, role, told
from tests.unit.infra.reading import CALLER, Reader, cases, neighbours, reading
from tests.unit.infra.repairs import REPAIRS

OBSERVE, FIX, LOGS = role("observe"), role("fix"), role("logs")
REPAIRING = [*FIX, *LOGS]
ABOUT_LOGS = "logs flow again"

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
    return [*judging, *expanding, Reader.leads, Reader.sweep, Reader.owners, Reader.activity]


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


def lowered(actions: Iterable[str]) -> frozenset[str]:
    return frozenset(action.lower() for action in actions)


def without(actions: list[str], one: str) -> list[str]:
    return [action for action in actions if action != one]


def test_under_the_observe_role_nothing_the_app_reads_is_refused() -> None:
    assert readings()[1] == 0


def test_the_observe_role_permits_what_the_app_reads_and_nothing_else() -> None:
    assert lowered(OBSERVE) == readings()[0].keys()


def test_the_observe_role_can_write_nothing() -> None:
    """Of what is no read by its name, it may ask what governs a network: an action that answers a list."""
    named = [action for action in OBSERVE if not action.endswith("/read") or "*" in action]
    assert named == [f"Microsoft.Network/virtualNetworks/{ASKED_BY_POST[EFFECTIVE_ADMIN_RULE]}/action"]


@pytest.mark.parametrize("action", OBSERVE)
def test_without_any_one_action_of_the_observe_role_something_is_refused(action: str) -> None:
    probe = readings()[0][action.lower()]
    with reading(without(OBSERVE, action)) as reader:
        with contextlib.suppress(PermanentError):
            probe(reader)
        assert _refusals(reader) > 0


def test_no_role_holds_a_wildcard_or_may_give_roles_or_take_locks_away() -> None:
    for action in [*OBSERVE, *REPAIRING]:
        assert "*" not in action
        assert not (action.startswith("Microsoft.Authorization/") and not action.endswith("/read"))


def test_the_roles_do_not_overlap() -> None:
    together = [*lowered(OBSERVE), *lowered(FIX), *lowered(LOGS)]
    assert sorted(set(together)) == sorted(together)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a story ended: mended, refused anything by ARM, and the actions (lower case) it asked for."""

    mended: bool
    refused: bool
    demanded: frozenset[str]


@functools.cache
def ending(name: str, *actions: str) -> Ending:
    """The end of one story of a repair under a role."""
    repair = REPAIRS[name]
    endings: list[Ending] = []

    async def story(world: World) -> None:
        await repair.spoil(world)
        await world.quiet(seconds=60)
        refused = any(entry.status == 403 for entry in world.arm.log.entries(caller=CALLER))
        demanded = lowered(world.arm.authorization.demanded[CALLER])
        endings.append(Ending(repair.mended(world), refused, demanded))

    play(story, seed=21, roles={CALLER: actions}, baseline_changes=repair.baseline)
    return endings[0]


@pytest.mark.parametrize("name", REPAIRS)
def test_under_all_roles_every_kind_of_repair_is_made_and_nothing_is_refused(name: str) -> None:
    ended = ending(name, *OBSERVE, *REPAIRING)
    assert (ended.mended, ended.refused) == (True, False)


@pytest.mark.parametrize("name", REPAIRS)
def test_under_the_observe_role_alone_nothing_is_repaired(name: str) -> None:
    assert not ending(name, *OBSERVE).mended


@pytest.mark.parametrize("name", REPAIRS)
def test_without_the_role_of_the_logs_everything_else_is_repaired_and_the_logs_are_not(name: str) -> None:
    assert ending(name, *OBSERVE, *FIX).mended == (name != ABOUT_LOGS)


def demanded_by(*names: str) -> frozenset[str]:
    """What these repairs ask for, with every right there is, beyond what judging asks for."""
    asked = (ending(name, *OBSERVE, *REPAIRING).demanded for name in names)
    return frozenset[str]().union(*asked) - lowered(OBSERVE)


def test_the_fix_role_permits_what_repairs_need_and_nothing_else() -> None:
    assert lowered(FIX) == demanded_by(*REPAIRS) - lowered(LOGS)


def test_the_role_of_the_logs_permits_what_their_repair_needs_and_nothing_else() -> None:
    assert lowered(LOGS) == demanded_by(ABOUT_LOGS) - lowered(FIX)


@pytest.mark.parametrize("action", REPAIRING)
def test_without_any_one_action_of_a_role_that_writes_a_repair_fails_or_is_refused_something(
    action: str,
) -> None:
    """What is only watched over (an operation's end) is refused, though the write itself has happened."""
    needing = [name for name in REPAIRS if action.lower() in ending(name, *OBSERVE, *REPAIRING).demanded]
    ended = ending(needing[0], *OBSERVE, *without(REPAIRING, action))
    assert (ended.mended, ended.refused) != (True, False)
    if not action.endswith("/read"):
        assert not ended.mended


def test_in_observe_mode_the_observe_role_is_enough() -> None:
    """What would be repaired is proposed, and nothing the app asks for on the way is refused."""

    async def story(world: World) -> None:
        for name in ("a rule is narrowed", "logs flow again"):
            await REPAIRS[name].spoil(world)
        await world.sweep()
        await world.quiet(seconds=60)
        entries = world.arm.log.entries(caller=CALLER)
        assert entries
        assert not [entry for entry in entries if entry.status == 403 or not entry.reads]
        assert set(told(world)) == {"DriftProposed"}

    play(story, seed=22, roles={CALLER: OBSERVE}, baseline_changes={"mode": "observe"})
