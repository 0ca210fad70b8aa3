"""Traps of writing at all: who else owns a resource, what ARM refuses, what cannot be taken back or known."""

from typing import Any

import msgspec
import pytest

from remediation.adapters.azure_errors import Problem, translated
from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import TransientError
from remediation.messages import Message
from remediation.resource_id import ResourceId
from tests.builders import AT, NSG_ID, Document, a_lock, a_rule, a_spoke, an_nsg, ports
from tests.faults import Interrupted, failing
from tests.story.core.world import World
from tests.story.traps.looking import look_often, refusing

NSG_RULE = "nsg-mgmt-open-to-internet"
MIXED = a_rule("mixed", 317, **ports("22", "443"))


def drifted(*rules: Document, **more: Any) -> World:
    """A world whose NSG has these rules, or lets SSH in from the internet."""
    nsg = an_nsg(*rules, allow_ssh_from=None if rules else "Internet", **more)
    return World(MemoryCloud(nsg, *a_spoke(public_ip=True)))


def sweep(world: World) -> None:
    """What the timer does."""
    world.queue.send(Message(sweep=AT, reason="sweep"))
    world.run()


def test_a_repair_that_code_keeps_undoing_stops_after_the_third_with_the_patch_and_what_was_there() -> None:
    """Trap 7: three repairs in 24 hours are enough; then the patch is suggested to a person."""
    world = drifted()
    for _ in range(6):
        world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
        world.clock.advance(3600)
        world.handle(world.hears(by="terraform"))

    found = world.findings()[NSG_RULE]
    assert ["DELETE allow-ssh"] * 3 == world.writes
    assert ["DriftFixed"] * 3 + ["DriftFlapping"] == world.announced
    assert ("rule allow-ssh was closed 3 times within 24 hours and undone each time",) == found.held_back_by
    assert found.fix is not None
    assert (["DELETE"], True) == ([write["method"] for write in found.fix.writes], bool(found.commands))
    assert ["22"] * 3 == [
        (write.before or {})["properties"]["destinationPortRange"] for write in world.journal
    ]


@pytest.mark.parametrize("tag", ["managed-by", "hidden-title", "azd-env", "azd-env-name"])
def test_what_infrastructure_as_code_owns_is_not_written_once(tag: str) -> None:
    """Trap 7: a tag of infrastructure as code stops the product at once."""
    world = drifted(tags={tag: "x"})

    world.handle()

    assert ([], ["DriftProposed"]) == (world.writes, world.announced)
    assert f"tag {tag}" in world.findings()[NSG_RULE].evidence["heldBackBy"][0]


@pytest.mark.parametrize(
    ("level", "rules", "written"),
    [
        ("ReadOnly", (MIXED,), False),
        ("CanNotDelete", (MIXED,), True),
        ("CanNotDelete", (), False),
    ],
    ids=["ReadOnly, narrowing", "CanNotDelete, narrowing", "CanNotDelete, deleting"],
)
def test_a_lock_stops_what_it_forbids_and_is_never_removed(
    level: str, rules: tuple[Document, ...], written: bool
) -> None:
    """Trap 9: ReadOnly leaves an alert; CanNotDelete still allows narrowing, not deleting."""
    world, lock = drifted(*rules), a_lock(f"{AT}/resourceGroups/rg-web", level)
    world.cloud.seed(lock)

    world.handle()

    assert (["PUT mixed"] if written else []) == world.writes
    assert ["DriftFixed" if written else "DriftProposed"] == world.announced
    assert ResourceId.parse(lock["id"]) in world.cloud.resources


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AuthorizationFailed"), (403, "RequestDisallowedByPolicy"), (409, "ScopeLocked")],
)
def test_what_a_person_must_solve_is_tried_once_and_told_once(status: int, code: str) -> None:
    """Trap 9: some refusals are final, a policy's 403 among them (trap 6)."""
    world = drifted()

    tried = look_often(world, NSG_ID, refusing(status, code))

    assert (1, ["DriftProposed"], []) == (len(tried), world.announced, world.waiting)
    assert [f"ARM refused the write: {code}"] == world.findings()[NSG_RULE].evidence["heldBackBy"]
    assert ([], ["failed"]) == (world.writes, [write.state for write in world.journal])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (409, "AnotherOperationInProgress"),
        (429, "RetryableError"),
        (409, "CanceledAndSupersededDueToAnotherOperation"),
        (429, "TooManyRequests"),
        *((status, "") for status in (500, 502, 503, 504)),
    ],
)
def test_what_passes_by_itself_is_tried_again_after_the_time_arm_asks_for(status: int, code: str) -> None:
    """Trap 9: other refusals are retried, with Retry-After."""
    world = drifted()
    error = translated("deleting a rule", status, Problem(code), {"Retry-After": "170"})
    began = world.clock.now()
    world.queue.send(world.hears())

    world.run(world.worker(cloud=Interrupted(world.cloud, before_write=failing(error))))

    assert isinstance(error, TransientError)
    assert 170 <= (world.clock.now() - began).total_seconds()
    assert (["DELETE allow-ssh"], ["DriftFixed"]) == (world.writes, world.announced)


END = "2026-01-02T06:00:00Z"
EXEMPTED = (
    an_nsg(allow_ssh_from="Internet"),
    {
        "id": f"{NSG_ID}/providers/Microsoft.Authorization/policyExemptions/migration",
        "name": "migration",
        "properties": {"expiresOn": END},
    },
)


def test_a_policy_exemption_holds_until_its_end_when_the_timer_looks_again() -> None:
    """Trap 18: no event tells that an exemption is over; the next sweep after its end repairs."""
    world = World(MemoryCloud(*EXEMPTED, *a_spoke(public_ip=True)))
    world.handle()
    world.clock.advance(5 * 3600)
    sweep(world)
    until_then, looks = list(world.writes), world.reads_of(NSG_ID)

    world.clock.advance(25 * 3600)
    sweep(world)

    assert ([], ["DELETE allow-ssh"]) == (until_then, world.writes)
    assert 1 == world.announced.count("DriftFixed")
    assert looks < world.reads_of(NSG_ID)
    assert "fixed" == world.findings()[NSG_RULE].state


def test_a_look_is_queued_for_the_end_of_a_policy_exemption_that_is_near() -> None:
    """Trap 18: from a day before its end nobody need wait for a sweep."""
    world = World(MemoryCloud(*EXEMPTED, *a_spoke(public_ip=True)))
    world.clock.advance(10 * 3600)
    world.handle()

    world.run()

    assert ["DELETE allow-ssh"] == world.writes
    assert END == world.clock.now().isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("until", ["2025-12-31", "soon", "", "2026-13-01", "0"])
def test_a_date_that_is_past_or_unreadable_exempts_nothing(until: str) -> None:
    """Trap 18: an exemption must have an end that is still to come."""
    world = drifted(tags={"bastion-guard:exempt-until": until})

    world.handle()

    assert (["DELETE allow-ssh"], ["DriftFixed"]) == (world.writes, world.announced)


GROUP = f"{AT}/resourceGroups/rg-web"
LOCKED = (
    f"The scope '{NSG_ID.text}' cannot perform write operation because following scope(s) are locked: "
    f"'{GROUP}'. Please remove the lock and try again."
)


@pytest.mark.parametrize(
    ("operation", "closed"),
    [
        ("Microsoft.Authorization/locks/delete", True),
        ("Microsoft.Authorization/policyExemptions/write", True),
        ("Microsoft.Network/networkSecurityGroups/write", False),
    ],
)
def test_a_refused_write_is_tried_again_by_an_event_that_may_have_freed_it(
    operation: str, *, closed: bool
) -> None:
    """The card of a write that a lock refused names the lock; its end is noticed without a sweep."""
    world = drifted()
    look_often(world, NSG_ID, refusing(409, "ScopeLocked", LOCKED))
    held = world.findings()[NSG_RULE].held_back_by
    world.clock.advance(600)
    world.handle(msgspec.structs.replace(world.hears(), operation=operation))

    assert (f"ARM refused the write: ScopeLocked (a lock on {GROUP})",) == held
    assert ("fixed" if closed else "open") == world.findings()[NSG_RULE].state


def test_a_scope_that_is_not_above_what_is_written_is_not_believed() -> None:
    world = drifted()
    foreign = LOCKED.replace(f"'{GROUP}'", "'whatever <somebody> writes'")
    look_often(world, NSG_ID, refusing(409, "ScopeLocked", foreign))

    assert ("ARM refused the write: ScopeLocked",) == world.findings()[NSG_RULE].held_back_by
