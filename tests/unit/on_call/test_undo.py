"""Taking a repair back: only what is still as we left it, in the right order, and not for a minute only."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remediation.errors import ConflictError, InputError, PermanentError, ThrottledError
from remediation.ledger.claims import Claims
from remediation.model import Ending, Write
from remediation.on_call.still_ours import ChangedSinceError
from remediation.reconciling.writing import same
from remediation.resource_id import ResourceId
from tests.builders import NSG_ID, a_baseline, a_rule, a_spoke, an_nsg, ports
from tests.faults import Interrupted
from tests.story.core.world import World
from tests.typed_az import typed
from tests.unit.on_call.desk import a_world
from tests.unit.on_call.repaired import HOURS, deleted, narrowed, undoer

RULE = NSG_ID.child("securityRules", "allow-any")
COMPANION = NSG_ID.child("securityRules", "allow-any-approved")


def test_an_undo_puts_back_what_was_there_before() -> None:
    world = deleted()
    tools = undoer(world)

    tools.undo(tools.plan(world.journal[0].id), HOURS)

    before = an_nsg(allow_ssh_from="Internet")["properties"]["securityRules"][0]["properties"]
    assert before == {**world.rules()["allow-ssh"], "provisioningState": "Succeeded"}


def test_the_original_is_whole_again_before_its_companion_goes() -> None:
    """Else there would be a moment in which the approved sources have no way in."""
    world = narrowed()
    tools = undoer(world)

    tools.undo(tools.plan(world.journal[-1].id), HOURS)

    assert world.writes[2:] == ["PUT allow-any", "DELETE allow-any-approved"]
    assert list(world.rules()) == ["allow-any", "nobody-else"]


@pytest.mark.parametrize("number", [0, 1])
def test_any_write_of_a_repair_names_the_whole_repair(number: int) -> None:
    world = narrowed()

    undo = undoer(world).plan(world.journal[number].id)

    assert [("PUT", RULE), ("DELETE", COMPANION)] == [(one.write.method, one.write.id) for one in undo.steps]


def test_planning_an_undo_writes_nothing_and_says_what_it_lets_in() -> None:
    world = narrowed()

    undo = undoer(world).plan(world.journal[0].id).to_json()

    assert len(world.writes) == 2
    assert "+ destinationPortRanges: 22, 443" in undo["writes"][0]["diff"]
    assert any("newly allowed: TCP 22 from" in line for line in undo["writes"][0]["traffic"])


def test_an_undone_repair_is_not_made_again_until_its_exemption_is_over() -> None:
    world = deleted()
    tools = undoer(world)

    tools.undo(tools.plan(world.journal[0].id), HOURS)
    assert world.handle().ending is Ending.COMPLIANT
    assert world.findings()["nsg-mgmt-open-to-internet"].state == "exempt"
    world.run()

    assert world.writes == ["DELETE allow-ssh", "PUT allow-ssh", "DELETE allow-ssh"]
    assert (world.clock.now() - world.journal[1].intended_at) >= HOURS


def test_an_undo_refuses_with_the_difference_what_somebody_changed_since() -> None:
    world = narrowed()
    edited = {**world.rules()["allow-any"], "destinationPortRanges": ["443", "8443"]}
    world.cloud.write(Write("PUT", RULE, {"properties": edited}))

    with pytest.raises(ChangedSinceError, match="changed since") as refused:
        undoer(world).plan(world.journal[-1].id)

    assert "+ destinationPortRanges: 443, 8443" in refused.value.lines


@dataclass(frozen=True)
class OfWorld:
    """The ARM of a world, for what somebody types."""

    world: World

    def show(self, path: str) -> dict[str, Any]:
        found = self.world.cloud.get(ResourceId.parse(path))
        assert found is not None
        return dict(found.body)

    def send(self, method: str, path: str, body: dict[str, Any] | None) -> None:
        how: Literal["PUT", "DELETE"] = "DELETE" if method == "DELETE" else "PUT"
        self.world.cloud.write(Write(how, ResourceId.parse(path), body))


def test_for_a_rule_that_was_changed_since_the_command_for_todays_rule_is_offered() -> None:
    """What our write took is given back, and what somebody changed since stays."""
    world = narrowed()
    edited = {**world.rules()["allow-any"], "destinationPortRanges": ["443", "8443"], "priority": 222}
    world.cloud.write(Write("PUT", RULE, {"properties": edited}))
    with pytest.raises(ChangedSinceError) as refused:
        undoer(world).plan(world.journal[-1].id)

    assert typed(refused.value.command, OfWorld(world))

    rule = world.rules()["allow-any"]
    assert (222, {"22", "443", "8443"}) == (rule["priority"], set(rule["destinationPortRanges"]))


def test_for_a_rule_that_somebody_made_again_the_command_makes_it_what_it_was() -> None:
    world = deleted()
    world.cloud.seed(an_nsg(a_rule("allow-ssh", priority=777, sourceAddressPrefix="10.0.0.0/8")))
    with pytest.raises(ChangedSinceError) as refused:
        undoer(world).plan(world.journal[0].id)

    assert typed(refused.value.command, OfWorld(world))

    (before,) = an_nsg(allow_ssh_from="Internet")["properties"]["securityRules"]
    assert same({"properties": world.rules()["allow-ssh"]}, {"properties": before["properties"]})


def test_a_word_added_by_somebody_is_a_change_too() -> None:
    """We did not write it and it was not there before, so it is not ours to overwrite."""
    world = narrowed()
    described = {**world.rules()["allow-any"], "description": "agreed with the auditors"}
    world.cloud.write(Write("PUT", RULE, {"properties": described}))

    with pytest.raises(ChangedSinceError) as refused:
        undoer(world).plan(world.journal[-1].id)

    assert "+ description: agreed with the auditors" in refused.value.lines


def test_a_rule_that_somebody_made_again_is_not_overwritten() -> None:
    world = deleted()
    world.cloud.seed(an_nsg(a_rule("allow-ssh", priority=777)))

    with pytest.raises(ChangedSinceError):
        undoer(world).plan(world.journal[0].id)


def test_what_is_as_it_was_before_already_needs_no_undo() -> None:
    world = deleted()
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))

    assert undoer(world).plan(world.journal[0].id).steps == ()


def test_a_change_between_plan_and_undo_is_noticed() -> None:
    world = deleted()
    tools = undoer(world)
    undo = tools.plan(world.journal[0].id)
    world.cloud.seed(an_nsg(a_rule("allow-ssh", priority=777)))

    with pytest.raises(ChangedSinceError):
        tools.undo(undo, HOURS)

    assert world.writes == ["DELETE allow-ssh"]


def test_an_undo_is_in_the_history_and_can_itself_be_undone() -> None:
    world = narrowed()
    tools = undoer(world)
    tools.undo(tools.plan(world.journal[0].id), HOURS)

    back = tools.plan(world.journal[-1].id)
    tools.undo(back, HOURS)

    undos = [record for record in world.journal if record.undo_of]
    repairs = {record.id for record in world.journal if record.actor != {"name": "engineer"}}
    assert repairs <= {record.undo_of for record in undos}
    assert all(record.actor == {"name": "engineer"} for record in undos)
    assert world.writes[4:] == ["PUT allow-any-approved", "PUT allow-any"]
    assert world.rules()["allow-any"]["destinationPortRanges"] == ["443"]


def test_the_write_that_was_taken_back_says_by_which() -> None:
    world = deleted()
    tools = undoer(world)

    (written,) = tools.undo(tools.plan(world.journal[0].id), HOURS)

    assert world.journal[0].undone_by == written


@pytest.mark.parametrize("identity", ["", "20260101T000000000000Z-00000000", "../x", "é" * 300])
def test_an_id_the_history_does_not_have_is_a_mistake_of_who_typed_it(identity: str) -> None:
    with pytest.raises(InputError, match="no write of this id"):
        undoer(a_world()).plan(identity)


def test_a_write_that_arm_refused_has_nothing_to_undo() -> None:
    def refuse(_: Write) -> None:
        raise PermanentError("no", code="RequestDisallowedByPolicy")

    world = a_world()
    world.handle(cloud=Interrupted(world.cloud, before_write=refuse))

    with pytest.raises(InputError, match="never carried out"):
        undoer(world).plan(world.journal[0].id)


def test_nobody_undoes_beside_a_worker_who_holds_the_target() -> None:
    world = deleted()
    tools = undoer(world)
    undo = tools.plan(world.journal[0].id)
    Claims(world.ledger, "worker", HOURS).acquire(NSG_ID, world.clock.now())

    with pytest.raises(ConflictError, match="being worked on"):
        tools.undo(undo, HOURS)

    assert world.writes == ["DELETE allow-ssh"]


def test_an_undo_that_arm_stops_halfway_goes_on_when_it_is_repeated() -> None:
    world = narrowed()
    write_id = world.journal[0].id

    def throttle(write: Write) -> None:
        if write.method == "DELETE":
            raise ThrottledError("later", retry_after=1)

    stopped = undoer(world, cloud=Interrupted(world.cloud, before_write=throttle))
    with pytest.raises(ThrottledError):
        stopped.undo(stopped.plan(write_id), HOURS)
    tools = undoer(world)
    tools.undo(tools.plan(write_id), HOURS)

    assert list(world.rules()) == ["allow-any", "nobody-else"]
    assert world.rules()["allow-any"]["destinationPortRanges"] == ["22", "443"]


def test_the_claim_is_free_again_after_an_undo_and_after_a_refused_one() -> None:
    world = deleted()
    tools = undoer(world)
    undo = tools.plan(world.journal[0].id)
    tools.undo(undo, HOURS)
    world.cloud.seed(an_nsg(a_rule("allow-ssh", priority=777)))
    with pytest.raises(ChangedSinceError):
        tools.undo(undo, HOURS)

    assert world.record().lease_until is None


def test_a_foreign_subscription_is_not_written_even_if_the_history_names_it() -> None:
    world = deleted()
    world.policy = replace(world.policy, subscriptions=frozenset({"elsewhere"}))

    with pytest.raises(PermanentError, match="not one of SUBSCRIPTIONS"):
        undoer(world).plan(world.journal[0].id)


def test_the_resource_that_is_exempt_is_that_of_the_finding() -> None:
    world = deleted()

    assert ResourceId.parse(world.journal[0].finding) == NSG_ID


OPENINGS = st.lists(
    st.fixed_dictionaries(
        {
            "ports": st.sampled_from([["22"], ["3389"], ["22", "443"], ["20-30"], ["22", "80-90", "3389"]]),
            "source": st.sampled_from(["*", "Internet", "0.0.0.0/0", "8.0.0.0/8", "VirtualNetwork"]),
            "approved": st.booleans(),
        }
    ),
    min_size=1,
    max_size=3,
)


def meaning(world: World) -> dict[str, Any]:
    """The rules by name, without what ARM alone sets and with lists in one order."""
    return {
        name: {
            key: sorted(value) if isinstance(value, list) else value
            for key, value in rule.items()
            if key != "provisioningState" and value not in (None, [])
        }
        for name, rule in world.rules().items()
    }


@settings(max_examples=40, deadline=None)
@given(OPENINGS)
def test_undoing_every_repair_is_as_if_none_had_ever_been(openings: list[dict[str, Any]]) -> None:
    """However many writes each took: one opening after the other, the last first."""
    rules = [
        a_rule(f"r{number}", 300 + 10 * number, sourceAddressPrefix=each["source"], **ports(*each["ports"]))
        for number, each in enumerate(openings)
    ]
    sources = ("20.1.2.0/24",) if any(each["approved"] for each in openings) else ()
    approving = replace(a_baseline(), allowed_management_sources=sources)
    world = a_world(an_nsg(*rules), *a_spoke(), baseline=approving)
    before = meaning(world)
    world.handle()
    assume(world.journal)

    writes, tools = [write.id for write in reversed(world.journal)], undoer(world)
    for write_id in writes:
        tools.undo(tools.plan(write_id), HOURS)

    assert before == meaning(world)
    assert all(tools.plan(write_id).steps == () for write_id in writes)
