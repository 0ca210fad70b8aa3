"""What a person is told to type where a group's own rules let the whole private network in."""

from typing import Any

from remediation.landing_zone.private.narrowing import Wanted, to_bastion
from remediation.model import Resource
from tests.builders import NSG_ID, Document, a_rule, an_nsg, ports

BASTION = ["10.0.0.0/26"]
WANTED = Wanted(BASTION, [(22, "tcp"), (3389, "tcp")])


def from_network(*numbers: str, priority: int = 300, **more: Any) -> Document:
    return a_rule("allow-vnet", priority, sourceAddressPrefix="VirtualNetwork", **ports(*numbers), **more)


def typed(*rules: Document) -> tuple[str, ...]:
    return to_bastion(Resource.of(an_nsg(*rules)), ["allow-vnet"], WANTED)


def test_a_rule_for_management_ports_is_brought_down_to_bastion() -> None:
    deny = a_rule("deny", 4000, access="Deny", **ports("22", "3389"))

    (narrow,) = typed(from_network("22", "3389"), deny)

    assert narrow == (
        f"az network nsg rule update --ids {NSG_ID}/securityRules/allow-vnet "
        "--source-address-prefixes 10.0.0.0/26"
    )


def test_where_a_default_rule_would_let_everybody_in_behind_it_a_deny_comes_with_it() -> None:
    narrow, deny = typed(from_network("22", "3389"))

    assert "rule update" in narrow
    assert "--priority 4096 --direction Inbound --access Deny" in deny
    assert "--destination-port-ranges 22 3389" in deny


def test_the_deny_takes_no_priority_that_a_rule_has() -> None:
    _, deny = typed(from_network("22", "3389", priority=4096))

    assert "--priority 4095" in deny


def test_a_rule_for_other_ports_too_stays_and_two_rules_go_before_it() -> None:
    allow, deny = typed(from_network("0-65535"))

    assert "--priority 298 --direction Inbound --access Allow" in allow
    assert "--source-address-prefixes 10.0.0.0/26" in allow
    assert "--priority 299 --direction Inbound --access Deny" in deny
    assert "--source-address-prefixes VirtualNetwork" in deny


def test_a_rule_for_everything_gets_two_rules_before_it() -> None:
    assert len(typed(from_network("*", protocol="*"))) == 2


def test_nothing_is_advised_for_a_rule_that_a_service_keeps() -> None:
    theirs = a_rule("k8s-azure-lb_allow_IPv4_x", sourceAddressPrefix="VirtualNetwork", **ports("22"))

    assert to_bastion(Resource.of(an_nsg(theirs)), ["k8s-azure-lb_allow_IPv4_x", "gone"], WANTED) == ()


def test_nothing_is_advised_where_no_priority_is_free_above_those_of_just_in_time_access() -> None:
    assert typed(from_network("0-65535", priority=112)) == ()
    assert typed(from_network("0-65535", priority=100)) == ()
