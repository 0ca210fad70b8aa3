"""The history never gives a false all-clear: it says where it ends, what waits and what was passed over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediation.errors import InputError, TransientError
from remediation.ledger.pressure import Pressure
from remediation.ledger.retention import forget
from remediation.messages import Message
from remediation.model import Ending
from remediation.on_call.history import Historian, Line, Page, read
from tests.builders import FOREIGN, NSG_ID, SUBSCRIPTION, a_spoke, an_nsg
from tests.faults import Interrupted, always
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk, a_world

DAY = timedelta(days=1)
KEEP = timedelta(days=30)


def told(world: World, **wanted: Any) -> Page:
    return a_desk(world).history().page(read(wanted, world.clock.now()))


def shown(lines: tuple[Line, ...]) -> list[tuple[str, str]]:
    return [(line.kind, line.what) for line in lines]


# Pages ---------------------------------------------------------------------------------------------


def a_week() -> World:
    """A world in which the same port was opened and closed again on each of seven days."""
    world = a_world()
    for _ in range(7):
        world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
        world.handle()
        world.clock.advance(DAY.total_seconds())
    return world


@pytest.mark.parametrize("limit", [1, 2, 5, 20])
def test_page_after_page_tells_everything_once(limit: int) -> None:
    world = a_week()
    whole = told(world, since="8d", limit=500)

    pages = [told(world, since="8d", limit=limit)]
    while pages[-1].next:
        assert "" == pages[-1].note
        world.clock.advance(60.0)
        pages.append(told(world, since="8d", limit=limit, next=pages[-1].next))

    assert "" == whole.next
    assert [line.id for line in whole.lines] == [line.id for page in pages for line in page.lines]


def test_a_page_that_is_full_and_the_last_names_no_other() -> None:
    world = a_week()
    count = len(told(world, since="8d").lines)

    assert "" == told(world, since="8d", limit=count).next
    assert told(world, since="8d", limit=count - 1).next


@pytest.mark.parametrize("text", ["x", "20260101T000000000000Z.20260101T000000000000Z.9", "..0.a", "1.2.3.4"])
def test_what_no_page_gave_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="next: not what a page before gave"):
        read({"next": text}, datetime(2026, 1, 1, tzinfo=UTC))


# Where it ends -------------------------------------------------------------------------------------


def test_of_a_time_that_is_forgotten_it_says_so_and_not_that_nothing_happened() -> None:
    world = a_week()
    world.clock.advance(28 * DAY.total_seconds())
    forget(world.ledger, world.clock, KEEP)

    page = told(world, since="40d", until="33d")

    assert () == page.lines
    assert "records before 2026-01-06 00:00 UTC are forgotten (RETENTION_DAYS 30)" == page.note
    assert "" == told(world, since="20d").note
    assert "2026-01-06T00:00:00Z" == page.to_json()["forgottenBefore"]


def test_of_a_time_before_the_first_record_it_says_where_the_records_begin() -> None:
    """A ledger that was lost and made anew would otherwise say that all was quiet."""
    world = a_world()
    assert "there are no records" in told(world).note
    world.handle()

    assert "the records begin at 2026-01-01 00:00 UTC" in told(world, since="2d").note


def test_an_undo_of_what_is_forgotten_says_that_it_is_forgotten() -> None:
    world = a_week()
    first = world.journal[0].id
    world.clock.advance(28 * DAY.total_seconds())
    forget(world.ledger, world.clock, KEEP)

    with pytest.raises(InputError, match=r"no write of this id; records before .* are forgotten"):
        a_desk(world).undoer("engineer").plan(first)
    with pytest.raises(InputError, match=r"no write of this id$"):
        a_desk(world).undoer("engineer").plan("nonsense")


# What was not done ---------------------------------------------------------------------------------


def test_work_that_waits_is_a_line_that_says_until_when_and_why() -> None:
    world = a_world()
    Pressure(world.ledger).throttled(SUBSCRIPTION, "", "arm", world.clock.now(), 600.0)

    assert Ending.HANDED_ON is world.handle().ending

    (line,) = told(world).lines
    assert ("waiting", "waiting", NSG_ID.text) == (line.kind, line.what, line.resource)
    assert "ARM throttles: it asked everybody to wait 600 s" == line.detail
    assert line.until is not None
    assert timedelta(seconds=600) <= line.until - line.at <= timedelta(seconds=900)
    assert "until" in line.to_json()


def test_a_storm_that_waits_is_one_line_for_each_resource() -> None:
    world = a_world()
    Pressure(world.ledger).throttled(SUBSCRIPTION, "", "arm", world.clock.now(), 600.0)

    for _ in range(50):
        world.handle()

    assert [("waiting", "waiting")] == shown(told(world).lines)


def test_a_try_that_failed_says_which_one_it_was() -> None:
    world = a_world()
    down = Interrupted(world.cloud, before_get=always(TransientError("HTTP 503")))

    world.handle(cloud=down)

    (line,) = told(world, kind="waiting").lines
    assert "HTTP 503 (try 1 of 13)" == line.detail


def test_an_event_that_is_skipped_is_a_line_with_the_look_that_covers_it() -> None:
    world = World(a_world().cloud)
    world.handle()
    world.run()
    world.clock.advance(3600.0)

    late = world.hears(at=world.clock.now() - timedelta(hours=2), by="bob@contoso.example")
    assert Ending.SKIPPED is world.handle(late).ending

    line = told(world).lines[0]
    assert ("skipped", "skipped", "bob@contoso.example") == (line.kind, line.what, line.actor["name"])
    assert "older than our last complete look, of 2026-01-01 00:00:" in line.detail


def test_an_event_that_is_refused_is_a_line_with_the_reason() -> None:
    world = a_world()

    world.handle(Message(target=NSG_ID.text.replace(SUBSCRIPTION, FOREIGN), event_id="e"))

    (line,) = told(world).lines
    assert ("skipped", "refused") == (line.kind, line.what)
    assert "is not one of SUBSCRIPTIONS" in line.detail


def test_a_judgement_says_what_held_a_repair_back() -> None:
    world = a_world(an_nsg(allow_ssh_from="Internet", tags={"managed-by": "terraform"}), *a_spoke())

    world.handle()

    (line,) = told(world, kind="judged").lines
    assert "open" == line.what
    assert "infrastructure as code owns it" in line.detail


def test_a_historian_without_a_set_time_names_none() -> None:
    world = a_week()
    world.clock.advance(28 * DAY.total_seconds())
    forget(world.ledger, world.clock, KEEP)

    note = Historian(world.ledger).page(read({"since": "40d"}, world.clock.now())).note

    assert note.endswith("are forgotten")


def test_what_comes_twice_and_was_seen_is_no_line_of_its_own() -> None:
    world = a_world()
    first = world.hears()
    world.handle(first)
    count = len(told(world).lines)
    world.clock.advance(3600.0)
    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))
    after = len(told(world).lines)

    assert Ending.SKIPPED is world.handle(first).ending

    assert count < after == len(told(world).lines)
