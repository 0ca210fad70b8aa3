"""Putting back what was declared: in the smallest writes, and by itself only what is proven to close."""

from hypothesis import given
from hypothesis import strategies as st

from remediation.declared.comparison import compare
from remediation.declared.holding import Drifted
from remediation.declared.repairing.repair import Restoring, restoring
from remediation.judging.prediction import after
from remediation.kinds import BASTION
from remediation.model import Applicability, Fix, NoFix, Resource, Snapshot
from remediation.nsg import difference, parse
from remediation.resource_id import ResourceId
from tests.builders import (
    BASTION_ID,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    Document,
    a_bastion,
    a_nic,
    a_public_ip,
    a_rule,
    a_setting,
    an_nsg,
)
from tests.unit.declared.declaring import declaration, properties

SSH = a_rule("ssh", 300, destinationPortRange="22", sourceAddressPrefix="10.0.0.0/8")
WIDE = a_rule("ssh", 300, destinationPortRange="22", sourceAddressPrefix="*")
WEB = a_rule("web", 310)


def put_back(told: Document, live: Document | None, **alone: str) -> Restoring:
    """How a document is brought back to what another one declares."""
    one = declaration(told)
    there = None if live is None else Resource(one.id, live)
    return restoring(Drifted(one, there, compare(one, there)), alone)


def fix(told: Document, live: Document | None, **alone: str) -> Fix:
    found = put_back(told, live, **alone).fix
    assert isinstance(found, Fix)
    return found


def calls(found: Fix) -> list[str]:
    return [f"{write.method} {write.id.name}" for write in found.writes]


def test_a_widened_rule_is_put_back_and_keeps_what_nobody_declared() -> None:
    found = fix(an_nsg(SSH), an_nsg(properties(WIDE, description="a note")))

    assert (["PUT ssh"], Applicability.SAFE, "") == (calls(found), found.applicability, found.consent)
    body = found.writes[0].body
    assert body is not None
    assert ("10.0.0.0/8", "a note") == (
        body["properties"]["sourceAddressPrefix"],
        body["properties"]["description"],
    )
    assert 'W/"1"' == found.writes[0].if_match


def test_a_rule_that_nobody_declared_goes_alone() -> None:
    found = fix(an_nsg(SSH), an_nsg(SSH, WEB))

    assert (["DELETE web"], Applicability.SAFE) == (calls(found), found.applicability)


def test_a_deny_that_is_gone_comes_back() -> None:
    deny = a_rule("deny", 200, access="Deny", destinationPortRange="*")
    found = fix(an_nsg(deny, WEB), an_nsg(WEB))

    assert (["PUT deny"], Applicability.SAFE) == (calls(found), found.applicability)


def test_what_opens_is_offered_with_what_it_lets_in() -> None:
    found = fix(an_nsg(WEB), an_nsg())

    assert (["PUT web"], Applicability.UNSAFE) == (calls(found), found.applicability)
    assert "newly allowed: TCP 443" in found.consent


def test_a_deny_that_shuts_out_what_was_declared_is_never_deleted_by_itself() -> None:
    """Taking it away opens, although it was declared by nobody."""
    found = fix(an_nsg(WEB), an_nsg(WEB, a_rule("deny", 200, access="Deny")))

    assert (["DELETE deny"], Applicability.UNSAFE) == (calls(found), found.applicability)


def test_of_both_kinds_only_what_closes_is_written_and_the_rest_is_named() -> None:
    found = fix(an_nsg(SSH, WEB), an_nsg(WIDE))

    assert (["PUT ssh"], Applicability.SAFE) == (calls(found), found.applicability)
    assert (
        "rule web stays: putting it back is not proven to close, so that a person decides",
    ) == found.leaves


def test_what_changes_nobodys_way_is_a_persons_to_decide() -> None:
    found = fix(an_nsg(properties(SSH, description="as agreed")), an_nsg(SSH))

    assert "nobody's way depends on it, so that a person decides" == found.consent


def test_two_rules_that_swapped_their_priorities_go_back_in_one_write_of_the_group() -> None:
    told = an_nsg(a_rule("a", 300, access="Deny"), a_rule("b", 310))
    live = an_nsg(a_rule("a", 310, access="Deny"), a_rule("b", 300))

    found = fix(told, live)

    assert (["PUT web"], Applicability.UNSAFE) == (calls(found), found.applicability)


def test_a_rule_of_a_service_is_left_alone() -> None:
    found = put_back(an_nsg(SSH), an_nsg(SSH, a_rule("k8s-azure-lb_allow_IPv4_1", 500))).fix

    assert isinstance(found, NoFix)


def test_a_rule_that_somebody_had_left_alone_stays() -> None:
    found = fix(an_nsg(SSH), an_nsg(WIDE, WEB), web="rule web is left alone until tomorrow")

    assert ["PUT ssh"] == calls(found)
    assert "rule web is left alone until tomorrow" in found.leaves


def test_where_writing_cuts_connections_a_person_agrees_first() -> None:
    found = fix(an_nsg(SSH), properties(an_nsg(WIDE), flushConnection=True))

    assert "flushConnection is on" in found.consent


def test_a_deleted_setting_is_made_again_and_a_wider_one_is_not_narrowed_by_itself() -> None:
    one, other = ({"category": name, "enabled": True} for name in ("BastionAuditLogs", "another"))

    gone = fix(a_setting(logs=[one]), None)
    more = fix(a_setting(logs=[one]), a_setting(logs=[one, other]))

    assert (["PUT setByPolicy-LogAnalytics"], Applicability.SAFE) == (calls(gone), gone.applicability)
    assert [None] == list(gone.before.values())
    assert "it ends a log or a destination that is there now" == more.consent


def test_a_host_is_offered_and_never_changed_by_itself() -> None:
    found = fix(a_bastion(), properties(a_bastion(), scaleUnits=5))

    assert (["PUT bas-hub"], Applicability.UNSAFE) == (calls(found), found.applicability)
    assert BASTION == BASTION_ID.type


def test_what_the_app_may_not_write_is_typed_by_a_person() -> None:
    told = properties(a_public_ip(), idleTimeoutInMinutes=10)

    found = put_back(told, a_public_ip())

    assert isinstance(found.fix, NoFix)
    assert "no right to write a public IP address" in found.fix.text
    assert f"az rest --method put --url 'https://management.azure.com{PIP_ID}" in found.by_hand[0]


RULES = st.builds(
    lambda name, priority, access, port, source: a_rule(
        name, priority, access=access, destinationPortRange=port, sourceAddressPrefix=source
    ),
    st.sampled_from(["a", "b", "c", "d"]),
    st.sampled_from([200, 210, 220, 230, 240, 250]),
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["22", "443", "*", "20-30"]),
    st.sampled_from(["*", "Internet", "10.0.0.0/8", "20.1.0.0/16", "VirtualNetwork"]),
)
GROUPS = st.lists(
    RULES, max_size=4, unique_by=(lambda one: one["name"], lambda one: one["properties"]["priority"])
).map(lambda rules: an_nsg(*rules))


@given(told=GROUPS, live=GROUPS)
def test_whatever_was_changed_a_write_by_itself_only_closes_and_cuts_off_nobody_who_was_declared(
    told: Document, live: Document
) -> None:
    found = put_back(told, live).fix
    if not isinstance(found, Fix) or found.consent:
        return
    before, declared = parse(live), parse(told)
    lost = set(difference(declared, before, portless=False).removed)
    snapshot = Snapshot(Resource(NSG_ID, live))
    for count in range(1, len(found.writes) + 1):
        now = parse(after(snapshot, found.writes[:count]).subject.body)
        flows = difference(before, now, portless=False)
        assert not flows.added
        assert not flows.unknown
        assert set(difference(declared, now, portless=False).removed) <= lost


@given(told=GROUPS, live=GROUPS)
def test_all_that_is_offered_together_brings_back_what_was_declared(told: Document, live: Document) -> None:
    found = put_back(told, live).fix
    if not isinstance(found, Fix) or found.leaves:
        return
    written = after(Snapshot(Resource(NSG_ID, live)), found.writes).subject
    assert () == compare(declaration(told), written)


GUARD = NSG_ID.text.replace("/web", "/guard")
INTERFACE = a_nic(nsg=ResourceId.parse(GUARD), public_ip=PIP_ID)


def test_an_interface_is_put_back_by_hand_with_the_clis_own_verbs() -> None:
    found = put_back(INTERFACE, a_nic())

    assert isinstance(found.fix, NoFix)
    assert "no right to write a network interface" in found.fix.reason
    assert [f"az network nic update --ids {NIC_ID} --network-security-group {GUARD}"] == [
        line for line in found.by_hand if "--network-security-group" in line
    ]
    assert f"--name ipconfig1 --public-ip-address {PIP_ID}" in " ".join(found.by_hand)


def test_an_address_that_nobody_declared_is_taken_off() -> None:
    found = put_back(a_nic(), a_nic(public_ip=PIP_ID))

    (line,) = found.by_hand
    assert "--name ipconfig1 --remove publicIPAddress" in line


def test_what_the_cli_has_no_verb_for_is_put_back_with_the_whole_document() -> None:
    found = put_back(INTERFACE, a_nic(forwarding=True))

    (line,) = found.by_hand
    assert line.startswith(f"az rest --method put --url 'https://management.azure.com{NIC_ID}?api-version=")
    assert GUARD in line


def test_a_setting_of_what_no_rule_judges_is_put_back_by_a_person() -> None:
    told = a_setting("logs", on=NIC_ID)

    found = put_back(told, None)

    assert isinstance(found.fix, NoFix)
    assert found.by_hand[0].startswith("az rest --method put")
    assert isinstance(put_back(a_setting("logs", on=NSG_ID), None).fix, Fix)
