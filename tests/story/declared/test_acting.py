"""What people do about drift from what was declared: accept it, apply what is proposed, leave it alone."""

from datetime import timedelta

import pytest

from remediation.errors import ForbiddenError
from remediation.on_call.acting.allowed import can
from remediation.on_call.acting.caller import Caller
from remediation.on_call.acting.refusals import ChangedSinceShownError, RefusedError
from remediation.on_call.acting.verbs import Verbs
from remediation.on_call.listing.identity import etag_of, id_of
from tests.builders import NSG_ID, a_rule, an_nsg
from tests.story.core.world import World
from tests.story.declared.pipeline import DECLARED, OFFICE, WEB, a_world, changes, has_deployed, said
from tests.unit.acting.office import ADA, EVE
from tests.unit.on_call.desk import a_desk

NARROW = a_rule("allow-web", 300, sourceAddressPrefix="10.0.0.0/8")


def narrowed() -> World:
    """A rule that somebody narrowed: putting it back would let more in, so that it is proposed."""
    world = has_deployed(a_world())
    world.cloud.seed(an_nsg(NARROW, OFFICE))
    changes(world)
    world.run()
    return world


def verbs(world: World, caller: Caller = ADA) -> Verbs:
    return a_desk(world).verbs(caller)


def shown(world: World, rule: str = DECLARED) -> tuple[str, str]:
    """The id and the etag of the finding, as a page shows it."""
    record = world.findings()[rule]
    return id_of(NSG_ID.text, record.name), etag_of(record)


def test_who_may_apply_may_accept_and_it_is_over_at_once() -> None:
    world = narrowed()

    done = verbs(world).accept(*shown(world))

    assert "resolved" == done.place[1].state
    assert "Declared from now on: securityRules/allow-web/sourceAddressPrefix" in done.sentence
    assert "ada@contoso.example accepted what is there" in done.place[1].note
    assert "what ada@contoso.example accepted" == said(world).source.name  # type: ignore[union-attr]


def test_who_asks_twice_has_it_done_once() -> None:
    world = narrowed()
    asked = shown(world)
    verbs(world).accept(*asked)

    again = verbs(world).accept(*asked)

    assert "It is declared, as you asked." == again.sentence
    assert ["DriftProposed", "DriftResolved"] == world.announced


def test_what_is_proposed_is_applied_by_a_person_who_takes_it_upon_themselves() -> None:
    world = narrowed()

    done = verbs(world).apply(*shown(world))

    assert ("fixed", ["PUT allow-web"]) == (done.place[1].state, world.writes)
    assert "*" == world.rules()["allow-web"]["sourceAddressPrefix"]


def test_it_is_left_alone_for_a_time() -> None:
    world = narrowed()

    done = verbs(world).exempt(*shown(world)[:1], timedelta(hours=4), "migration", shown(world)[1])

    assert "exempt" == done.place[1].state


def test_who_only_reads_accepts_nothing() -> None:
    world = narrowed()

    with pytest.raises(ForbiddenError):
        verbs(world, EVE).accept(*shown(world))


def test_what_is_no_drift_from_a_declaration_cannot_be_accepted() -> None:
    world = a_world(
        an_nsg(a_rule("ssh", 310, destinationPortRange="22", sourceAddressPrefix="203.0.114.0/24"))
    )
    changes(world)
    rule = "nsg-mgmt-open-to-internet"

    assert not can(ADA, world.findings()[rule])["accept"]["ok"]
    with pytest.raises(RefusedError, match="no difference from what was declared"):
        verbs(world).accept(*shown(world, rule))


def test_what_changed_since_it_was_shown_is_shown_again() -> None:
    world = narrowed()
    identity, etag = shown(world)
    world.cloud.seed(an_nsg(WEB, OFFICE))

    with pytest.raises(ChangedSinceShownError, match="nothing of it differs"):
        verbs(world).accept(identity, etag)


def test_why_says_what_holds_it_back() -> None:
    (told,) = a_desk(narrowed()).asker().why(NSG_ID, None)

    reasons = " ".join(one.text for one in told.reasons if one.rule == DECLARED)
    assert "a person has to agree to what it does: newly allowed: TCP 443" in reasons
