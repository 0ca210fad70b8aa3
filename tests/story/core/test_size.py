"""Nothing is too large to be told: what does not fit is cut and marked, and repair goes on step by step."""

import json
import random
import string
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.adapters.storage.ledger_codec import MAX_BYTES
from remediation.baseline.values import Limits
from remediation.errors import ForbiddenError, PermanentError, TransientError
from remediation.findings import FindingRecord, announced
from remediation.ledger.counters import Counters
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message
from remediation.model import Closing, Ending, Opening
from remediation.model.fitting import MOST_BYTES
from remediation.resource_id import ResourceId
from tests.builders import AT, NSG_ID, a_baseline, a_rule, a_spoke, an_nsg
from tests.faults import Interrupted, Mute, always
from tests.story.core.world import World

RULE = "nsg-mgmt-open-to-internet"
TOPIC_TAKES = 1_000_000
"""Bytes of one request to Event Grid."""


def noise(seed: int, length: int) -> str:
    """Text that no compression makes small."""
    dice = random.Random(seed)  # noqa: S311  text, not a secret
    return "".join(dice.choices(string.ascii_letters + string.digits, k=length))


def opened(count: int, length: int = 4000, **choices: Any) -> World:
    """An NSG with so many rules that open port 22, each with a description of so many characters."""
    rules = [
        a_rule(
            f"r{number}", 200 + number, destinationPortRange="22", sourceAddressPrefix="Internet",
            description=noise(number, length),
        )
        for number in range(count)
    ]  # fmt: skip
    return World(MemoryCloud(an_nsg(*rules), *a_spoke()), a_baseline(**choices))


def sizes(world: World) -> list[int]:
    return [len(json.dumps(change.data)) for change in world.announcements]


def test_290_rules_with_long_descriptions_are_told_with_severity_message_and_witness() -> None:
    world = opened(290, mode="observe")

    assert Ending.OPEN is world.handle().ending

    assert ["DriftProposed"] == world.announced
    finding = world.findings()[RULE]
    assert "22" in finding.message
    assert ("22", "tcp") == (str(finding.witness["port"]), finding.witness["protocol"])
    assert finding.severity in {"critical", "high", "medium"}
    assert "289 of 290 steps" in finding.cut
    assert [True] == [size < 2 * MOST_BYTES for size in sizes(world)]
    world.sender().note(world.announcements[0].data)
    assert 1 == world.run_cards(world.sender())
    assert "289 of 290 steps" in str(world.notifier.cards)


def test_what_was_cut_is_no_news_when_it_is_seen_again_and_is_when_it_changes() -> None:
    world = opened(60, mode="observe")
    world.handle()
    world.handle()
    assert ["DriftProposed"] == world.announced

    rule = a_rule("r59", 259, destinationPortRange="22", sourceAddressPrefix="*", description="new")
    nsg = world.cloud.resources[NSG_ID]
    others = [each for each in nsg.properties("securityRules") if each["name"] != "r59"]
    world.cloud.seed(an_nsg(*others, rule))
    world.handle()

    assert ["DriftProposed", "DriftChanged"] == world.announced


def test_a_large_repair_is_made_step_by_step_and_told() -> None:
    world = opened(40, mode="enforce", limits=Limits(max_writes_per_hour=1000))
    world.queue.send(world.hears())

    world.run()

    assert {} == world.rules()
    assert 40 == len(world.writes)
    assert [] == world.poisoned
    assert "DriftFixed" in world.announced
    assert not {"GaveUp", "DriftFlapping"} & set(world.announced)
    assert all(size < 2 * MOST_BYTES for size in sizes(world))
    for partition, key in world.ledger._records:
        assert len(world.ledger._records[partition, key][0]) < MAX_BYTES / 2, partition


def test_an_invocation_hands_on_before_the_host_ends_it() -> None:
    """Every write takes half a minute; the host gives an invocation five minutes, whatever it is at."""
    world = opened(12, 20, mode="enforce", limits=Limits(max_writes_per_hour=1000))

    def half_a_minute(_: Any) -> None:
        world.clock.advance(30)

    began = world.clock.now()
    worker = world.worker(cloud=Interrupted(world.cloud, before_write=half_a_minute))

    first = worker.handle(world.hears())

    assert Ending.HANDED_ON is first.ending
    assert world.clock.now() - began < timedelta(minutes=3)
    assert len(world.writes) < 12
    world.run(worker)
    assert {} == world.rules()
    assert [] == world.poisoned
    assert not {"GaveUp", "DriftFlapping"} & set(world.announced)


def test_more_writes_than_one_message_makes_are_no_failed_tries() -> None:
    """Twelve writes a message and twelve tries were 144 rules, and then it was given up."""
    world = opened(12, 20, mode="enforce", limits=Limits(max_writes_per_hour=1000))
    world.queue.send(world.hears())
    few = replace(world.policy, most_writes=2, max_attempts=3)

    outcomes = world.run(world.worker(policy=few))

    assert {} == world.rules()
    assert Ending.GAVE_UP not in {outcome.ending for outcome in outcomes}


def a_record(number: int, resource: ResourceId = NSG_ID, **facts: Any) -> FindingRecord:
    world = World(MemoryCloud())
    values: dict[str, Any] = {
        "rule": f"rule-{number}", "resource": resource.text, "title": "t", "severity": "high",
        "message": f"message {number}", "guidance": [], "evidence": {"witness": {"port": 22}},
        "disposition": "alert", "state": "open", "seq": 1, "opened_at": world.clock.now(),
        "changed_at": world.clock.now(),
    }  # fmt: skip
    return FindingRecord(**{**values, **facts})


def test_many_large_findings_of_one_target_are_all_kept() -> None:
    world = World(MemoryCloud())
    book = FindingsBook(world.ledger)
    large = {
        f"{n}": a_record(n, evidence={"witness": {"port": 22}, "x": noise(n, 40_000)}) for n in range(120)
    }

    book.amend(NSG_ID, lambda _known: large)

    kept = book.of(NSG_ID)
    assert set(large) == set(kept)
    assert {("high", 22)} == {(record.severity, record.witness["port"]) for record in kept.values()}
    assert [record.message for record in large.values()] == [kept[name].message for name in large]


def test_an_announcement_that_an_earlier_release_kept_whole_is_cut_for_the_topic() -> None:
    world = World(MemoryCloud())
    row = {"target": NSG_ID.text, "records": {}}
    world.ledger.put("findings", "one", row)
    record = a_record(1, evidence={"witness": {"port": 22}, "all": ["x" * 1000] * 1500})

    world.herald().announce(NSG_ID, [record])

    assert [True] == [size < TOPIC_TAKES / 10 for size in sizes(world)]
    assert {"port": 22} == world.announcements[0].data["evidence"]["witness"]


def owing(world: World, count: int) -> list[ResourceId]:
    """So many targets, each with a finding that nobody was told of."""
    targets = [ResourceId.parse(f"{NSG_ID}-{number:02d}") for number in range(count)]
    for number, target in enumerate(targets):
        record = a_record(number, target)
        keep = {record.name: record}
        FindingsBook(world.ledger).amend(target, keep.__or__)
    return targets


@pytest.mark.parametrize("error", [PermanentError("HTTP 413"), TransientError("HTTP 503")])
def test_an_announcement_that_is_refused_stops_nobody_sorted_behind_it(error: Exception) -> None:
    world = World(MemoryCloud())
    owing(world, 4)

    count = world.herald_through(Mute(world.announcer, 1, error)).announce_all()

    assert 3 == count == len(world.announcements)
    assert 1 == world.herald().announce_all()


def test_a_topic_that_takes_nothing_is_not_asked_for_every_target() -> None:
    world = World(MemoryCloud())
    targets = owing(world, 20)
    mute = Mute(world.announcer, 1000)

    assert 0 == world.herald_through(mute).announce_all()

    assert 990 < mute.down
    assert len(targets) == world.herald().announce_all()
    assert all(announced(record) == record for record in FindingsBook(world.ledger).of(targets[0]).values())


def test_a_write_whose_way_back_does_not_fit_the_history_is_not_made_and_is_told() -> None:
    """Nobody could take it back; a person is shown the proposal instead."""
    world = opened(1, 1_300_000, mode="enforce")
    world.queue.send(world.hears())

    world.run()

    assert [] == world.writes
    assert ["DriftProposed"] == world.announced
    assert "does not fit" in str(world.findings()[RULE].held_back_by)


def test_repairs_of_a_group_with_many_long_names_can_be_counted() -> None:
    world = World(MemoryCloud())
    counters, now = Counters(world.ledger), world.clock.now()
    for number in range(60):
        beside = tuple(noise(1000 * number + other, 80) for other in range(300))
        closing = Closing(now, Opening(f"r{number}", "22"), "somebody", beside)
        counters.count_repair((RULE, NSG_ID.text), closing, timedelta(hours=24))

    kept = counters.closings((RULE, NSG_ID.text), now, timedelta(hours=24))

    assert [f"r{number}" for number in range(60)] == [closing.opening.rule for closing in kept]


def test_a_type_that_may_not_be_listed_stops_no_other_from_being_swept() -> None:
    world = opened(1, 20, mode="observe")
    refusal = always(ForbiddenError("HTTP 403"), on=lambda listing: "bastionhosts" in listing.type.lower())
    cloud = Interrupted(world.cloud, before_list=refusal)

    outcome = world.handle(Message(sweep=AT, reason="sweep", force=True), cloud=cloud)

    assert Ending.GAVE_UP is outcome.ending
    assert NSG_ID.text in [message.target for message in world.waiting]
