"""What is there is declared from now on, by a person's word, until whoever deploys speaks again."""

from datetime import timedelta

import pytest

from remediation.errors import InputError
from remediation.messages import Message
from remediation.on_call.declaring.accepting import REASON, Accepter
from remediation.resource_id import ResourceId
from tests.builders import NSG_ID, VNET_ID, a_rule, a_subnet, a_vnet, an_nsg
from tests.story.core.world import World
from tests.story.declared.pipeline import (
    DECLARED,
    OFFICE,
    WEB,
    a_pipelines_baseline,
    a_world,
    changes,
    deploys,
    has_deployed,
    passes,
    said,
)

NARROW = a_rule("allow-web", 300, sourceAddressPrefix="10.0.0.0/8")


def accepter(world: World) -> Accepter:
    return Accepter(world.ports, world.baseline, "bob@contoso.example")


def narrowed() -> World:
    world = has_deployed(a_world())
    world.cloud.seed(an_nsg(NARROW, OFFICE))
    changes(world)
    world.run()
    return world


def accepted(world: World, target: ResourceId = NSG_ID) -> World:
    """What differs is accepted, and looked at, as whoever asks has it."""
    accepter(world).accept(world.findings(target)[DECLARED])
    by = {"name": "bob@contoso.example"}
    world.handle(Message(target=target.text, reason=REASON, force=True, actor=by))
    return world


def test_what_somebody_accepted_is_no_drift_and_the_owner_hears_by_whom() -> None:
    world = accepted(narrowed())

    record = world.findings()[DECLARED]
    assert "resolved" == record.state
    assert "DriftResolved" == world.announced[-1]
    assert "bob@contoso.example accepted what is there: the next deployment undoes it" in record.note
    assert [] == world.writes


def test_only_what_differed_is_taken_over_and_it_is_said_whose_word_it_is() -> None:
    world = accepted(narrowed())

    found = said(world)
    assert found is not None
    assert ("accepted", "what bob@contoso.example accepted") == (found.source.sort, found.source.name)
    rules = {
        one["name"]: one["properties"]["sourceAddressPrefix"]
        for one in found.document["properties"]["securityRules"]
    }
    assert {"allow-web": "10.0.0.0/8", "allow-ssh": "10.0.0.0/8"} == rules


def test_the_next_deployment_has_the_last_word() -> None:
    world = accepted(narrowed())
    world.cloud.seed(an_nsg(WEB, OFFICE))
    passes(world, timedelta(minutes=1))

    deploys(world, deployment="second")

    assert "deployment second" == said(world).source.name  # type: ignore[union-attr]


def test_who_accepts_an_open_port_exempts_from_nothing() -> None:
    """The guidance closes it as ever, and what is missed then is offered and not fought over."""
    world = a_world(baseline=a_pipelines_baseline(mode="observe"))
    has_deployed(world)
    opened = a_rule("rdp", 320, destinationPortRange="3389", sourceAddressPrefix="Internet")
    world.cloud.seed(an_nsg(WEB, OFFICE, opened))
    changes(world)
    world.run()
    accepted(world)
    world.baseline = a_pipelines_baseline()

    changes(world)
    world.run()

    assert {"allow-web", "allow-ssh"} == set(world.rules())
    assert 1 == len(world.writes)


def test_that_something_is_gone_is_accepted_too() -> None:
    world = has_deployed(a_world())
    world.cloud.remove(NSG_ID)
    changes(world, kind="delete")
    world.run()

    accepted(world)

    assert said(world) is None
    assert "resolved" == world.findings()[DECLARED].state


def test_a_subnet_is_accepted_beside_its_network() -> None:
    world = World(a_world(a_vnet(a_subnet()), an_nsg(WEB)).cloud, baseline=a_pipelines_baseline())
    has_deployed(world, VNET_ID, target=VNET_ID)
    subnet = VNET_ID.child("subnets", "web")
    world.cloud.seed(a_vnet(a_subnet(nsg=None)))
    changes(world, subnet, target=VNET_ID)
    world.run()

    accepted(world, VNET_ID)

    assert "resolved" == world.findings(VNET_ID)[DECLARED].state


def test_what_somebody_else_put_right_meanwhile_is_not_accepted() -> None:
    world = narrowed()
    found = world.findings()[DECLARED]
    world.cloud.seed(an_nsg(WEB, OFFICE))

    with pytest.raises(InputError, match="nothing of it differs"):
        accepter(world).accept(found)
