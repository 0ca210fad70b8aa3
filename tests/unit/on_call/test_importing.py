"""After an outage: everything that fell out is taken in again once, and the hopeless is told."""

import json
import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from remediation.adapters.storage.dead_letters import MemoryDeadLetters
from remediation.messages import Message, encode, on_the_wire
from remediation.model import Ending
from remediation.on_call.replay_request import read
from remediation.on_call.sources import DeadLetter
from remediation.resource_id import ResourceId
from tests.builders import AT, NSG_ID, an_event
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk, a_world

POISON = "reconcile-poison"
ROOT = Path(__file__).resolve().parents[3]


def poisoned(world: World, *messages: Message) -> None:
    for message in messages:
        world.queue.put(POISON, on_the_wire(encode(message)))


def letters(world: World, *contents: Any) -> MemoryDeadLetters:
    """Dead letters written now; text lies there as it is, everything else as JSON."""
    buried = MemoryDeadLetters()
    for number, content in enumerate(contents):
        text = content if isinstance(content, str) else json.dumps(content)
        read = partial(text.encode, "utf-8")
        buried.letters.append(DeadLetter(f"GUARD/2026/1/1/0/{number}.json", world.clock.now(), read))
    return buried


def test_a_poison_message_is_tried_once_more_from_the_start() -> None:
    world = a_world()
    poisoned(world, Message(target=NSG_ID.text, attempt=7, event_id="e"))

    done = a_desk(world).take_in()

    assert (1, 0) == (done.taken, done.aside)
    assert [(NSG_ID.text, 0, "poison")] == [(one.target, one.attempt, one.reason) for one in world.waiting]
    assert world.queue.texts(POISON) == []
    assert [Ending.REPAIRED] == [outcome.ending for outcome in world.run()]


def test_what_is_poison_again_is_set_aside_and_people_are_told_once() -> None:
    world = a_world()
    message = Message(target=NSG_ID.text, event_id="e")
    poisoned(world, message)
    a_desk(world).take_in()
    poisoned(world, *world.waiting, message)

    done = a_desk(world).take_in()

    assert (0, 2) == (done.taken, done.aside)
    assert world.announced == ["GaveUp"]
    assert "poisonous" in world.findings()["gave-up"].message
    assert world.queue.texts(POISON) == []


def test_a_day_later_the_same_work_may_fail_once_more() -> None:
    world = a_world()
    poisoned(world, Message(sweep=AT, reason="sweep"))
    a_desk(world).take_in()
    world.clock.advance(timedelta(days=2).total_seconds())
    poisoned(world, Message(sweep=AT, reason="sweep"))

    assert a_desk(world).take_in().taken == 1


def test_a_message_nobody_can_read_is_told_of_the_subscription() -> None:
    world = a_world()
    world.queue.put(POISON, "no base64!")
    world.queue.put(POISON, on_the_wire('{"v": 9, "target": "x"}'))

    done = a_desk(world).take_in()

    assert done.aside == 2
    assert world.announced == ["GaveUp"]
    assert "gave-up" in world.findings(ResourceId.parse(AT))


def test_what_was_set_aside_can_still_be_replayed() -> None:
    world = a_world()
    message = Message(target=NSG_ID.text, event_id="e")
    poisoned(world, message)
    a_desk(world).take_in()
    world.run()
    poisoned(world, message)
    a_desk(world).take_in()

    desk = a_desk(world)
    gathered = desk.replay(read({"source": "poison"}, world.clock.now()))

    assert len(gathered.work) == 1
    assert [(NSG_ID.text, "replay")] == [(one.target, one.reason) for one in world.waiting]
    assert list(desk.sources.intake.aside(10)) == []


def test_poison_of_cards_becomes_one_nudge_and_a_second_time_people_are_told() -> None:
    """A webhook that answered nonsense has made poison of nudges; what is owed is in the ledger."""
    world = a_world()
    for _ in range(3):
        world.queue.put("cards-poison", on_the_wire("{}"))

    first = a_desk(world).take_in()
    assert (1, 0, 1) == (first.taken, first.aside, len(world.nudges))
    assert [] == world.queue.texts("cards-poison")

    world.queue.put("cards-poison", on_the_wire("{}"))
    second = a_desk(world).take_in()

    assert (0, 1, 1) == (second.taken, second.aside, len(world.nudges))
    assert ["GaveUp"] == world.announced
    assert [] == world.queue.texts("cards-poison")


def test_a_nudge_that_is_none_is_set_aside() -> None:
    world = a_world()
    world.queue.put("cards-poison", "no base64!")

    assert (0, 1) == (a_desk(world).take_in().taken, len(list(a_desk(world).sources.intake.aside(10))))
    assert [] == world.queue.texts("cards-poison")


def test_the_poison_of_every_queue_that_a_function_takes_from_is_taken_in() -> None:
    bindings = (ROOT / "function_app.py").read_text()
    queues = re.findall(r'queue_trigger\([^)]*queue_name="([^"]+)"', bindings)
    world = a_world()
    for queue in queues:
        world.queue.put(f"{queue}-poison", "nobody can read this")

    a_desk(world).take_in()

    assert {"reconcile", "neighbourhood", "cards"} == set(queues)
    assert [] == [text for queue in queues for text in world.queue.texts(f"{queue}-poison")]


def test_a_dead_letter_is_taken_in_once() -> None:
    world = a_world()
    buried = letters(world, [an_event()], an_event(event_id="two"))

    first, second = (a_desk(world, letters=buried).take_in() for _ in range(2))

    assert (2, 0) == (first.taken, second.taken)
    assert {"dead letter"} == {message.reason for message in world.waiting}


def test_a_dead_letter_that_is_none_is_counted_and_not_tried_again() -> None:
    world = a_world()
    buried = letters(world, "{", {"eventType": "x"}, "[" * 10_000)

    done = a_desk(world, letters=buried).take_in()

    assert (0, 3) == (done.taken, done.refused)
    assert a_desk(world, letters=buried).take_in().refused == 0


def test_old_dead_letters_are_left_to_a_replay() -> None:
    world = a_world()
    buried = letters(world, an_event())
    world.clock.advance(timedelta(days=4).total_seconds())

    assert a_desk(world, letters=buried).take_in().taken == 0


def test_one_run_takes_only_so_much_and_the_next_the_rest() -> None:
    world = a_world()
    buried = letters(world, *[[an_event(event_id=f"{n}-{m}") for m in range(200)] for n in range(4)])

    taken = [a_desk(world, letters=buried).take_in().taken for _ in range(2)]

    assert [600, 200] == taken
