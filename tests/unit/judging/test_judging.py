"""Reading what rules need, asking them, and taking away what would not help."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Baseline
from remediation.errors import ForbiddenError, PermanentError, TransientError
from remediation.judging.evaluation import judge
from remediation.judging.gathering import gather
from remediation.kinds import DIAGNOSTIC_SETTING, NIC, NSG
from remediation.landing_zone import commands
from remediation.model import Applicability, Fix, Resource, Severity, Snapshot, Unread, Violation, Write
from remediation.resource_id import ResourceId
from remediation.rule import Doubt, Follow, Group, Listed, Need, Rule, Verdict, ids_at, rule, values_at
from tests.builders import (
    BASTION_ID,
    NIC_ID,
    NSG_ID,
    SUBNET_ID,
    a_baseline,
    a_bastion,
    a_rule,
    a_setting,
    a_spoke,
    acting,
    an_nsg,
)
from tests.faults import Interrupted, always
from tests.story.core.calm import CALM

SUBNETS = Follow("properties.subnets[].id")
NICS_IN_SUBNETS = Follow(
    "properties.subnets[].id", then=(Follow("properties.ipConfigurations[].id", to=NIC),)
)
SSH = NSG_ID.child("securityRules", "allow-ssh")


def a_stranger(*verdicts: Verdict, identity: str = "too-many-rules", **facts: Any) -> Rule:
    """A rule somebody adds: it says the same of every NSG, or what `check` says."""

    def says(_subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
        yield from verdicts

    check = facts.pop("check", says)
    because = {Severity.LOW: "It is made up."}
    decorate = rule(
        identity,
        title="t",
        applies_to=(NSG,),
        severity=Severity.LOW,
        because=because,
        guidance=("C2",),
        **facts,
    )
    made: Rule = decorate(check)
    return made


def read(cloud: Any, *needs: Need, **facts: Any) -> Snapshot:
    subject = Resource.of(an_nsg())
    return gather(cloud, subject, [a_stranger(needs=needs, **facts)], a_baseline())


# Gathering ---------------------------------------------------------------------------------------


def test_what_rules_need_is_read_once_however_many_need_it() -> None:
    cloud = MemoryCloud(an_nsg(), *a_spoke())
    rules = [a_stranger(needs=(NICS_IN_SUBNETS, SUBNETS)), a_stranger(needs=(SUBNETS,), identity="other")]

    snapshot = gather(cloud, Resource.of(an_nsg()), rules, a_baseline())

    assert [SUBNET_ID, NIC_ID] == cloud.reads
    assert {SUBNET_ID.key, NIC_ID.key} == set(snapshot.resources)


def test_a_way_back_to_the_subject_costs_no_read() -> None:
    cloud = MemoryCloud(an_nsg(), *a_spoke())

    read(cloud, Follow("properties.subnets[].id", then=(Follow("properties.networkSecurityGroup.id"),)))

    assert [SUBNET_ID] == cloud.reads


def test_lists_and_groups_are_read_as_well() -> None:
    cloud = MemoryCloud(a_bastion(), a_setting(), *a_spoke())
    watched = a_stranger(needs=(Listed(DIAGNOSTIC_SETTING), Group()))

    snapshot = gather(cloud, Resource.of(a_bastion()), [watched], a_baseline())

    listed = snapshot.listed(DIAGNOSTIC_SETTING, BASTION_ID)
    assert not isinstance(listed, Unread)
    assert ["setByPolicy-LogAnalytics"] == [setting.id.name for setting in listed]
    assert any("resourcegroups/rg-hub" in key for key in snapshot.resources)


def test_what_was_never_asked_for_is_unread_and_not_absent() -> None:
    snapshot = read(MemoryCloud(an_nsg()))

    assert isinstance(snapshot.get(NIC_ID), Unread)
    assert isinstance(snapshot.listed(DIAGNOSTIC_SETTING, NSG_ID), Unread)


def test_a_neighbour_that_is_gone_is_absent() -> None:
    assert read(MemoryCloud(an_nsg()), SUBNETS).get(SUBNET_ID) is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ForbiddenError("HTTP 403"), "not permitted to read"), (PermanentError("HTTP 400"), "cannot read")],
)
def test_a_neighbour_that_is_refused_is_unread_with_the_reason(error: Exception, reason: str) -> None:
    found = read(Interrupted(MemoryCloud(*a_spoke()), before_get=always(error)), SUBNETS).get(SUBNET_ID)

    assert isinstance(found, Unread)
    assert found.reason.startswith(f"{reason} {SUBNET_ID}")


def test_a_passing_trouble_is_raised_rather_than_judged_half_blind() -> None:
    cloud = Interrupted(MemoryCloud(*a_spoke()), before_get=always(TransientError("HTTP 503")))

    with pytest.raises(TransientError):
        read(cloud, SUBNETS)


@pytest.mark.parametrize(("suspicious", "reads"), [(True, [SUBNET_ID]), (False, [])])
def test_a_closer_look_is_only_taken_on_suspicion(suspicious: bool, reads: list[ResourceId]) -> None:
    cloud = MemoryCloud(*a_spoke())

    read(cloud, closer=(SUBNETS,), suspects=lambda *_: suspicious)

    assert reads == cloud.reads


def test_a_rule_that_is_off_reads_nothing() -> None:
    cloud = MemoryCloud(*a_spoke())
    off = a_baseline(rules=acting(too_many_rules="off"))

    gather(cloud, Resource.of(an_nsg()), [a_stranger(needs=(SUBNETS,))], off)

    assert [] == cloud.reads


def test_a_rule_that_is_off_by_default_is_turned_on_by_any_action() -> None:
    quiet = a_stranger(Violation("seen"), on_by_default=False)
    snapshot = Snapshot(Resource.of(an_nsg()))

    assert () == judge(snapshot, [quiet], Baseline()).findings
    on = Baseline(rules=acting(too_many_rules="alert"))
    assert 1 == len(judge(snapshot, [quiet], on).findings)


# Judging -----------------------------------------------------------------------------------------


def test_a_finding_carries_the_facts_of_its_rule_and_its_own() -> None:
    other = ResourceId.parse(SUBNET_ID.text)
    stranger = a_stranger(Violation("seen", {"a": 1}, Severity.HIGH, subject=other))

    (found,) = judge(Snapshot(Resource.of(an_nsg())), [stranger], a_baseline()).findings

    assert ("too-many-rules", other, Severity.HIGH, "t") == (
        found.rule,
        found.resource,
        found.severity,
        found.title,
    )
    assert ("seen", {"a": 1}, ("C2",)) == (found.message, found.evidence, found.guidance)


def test_a_doubt_is_an_unknown_and_no_finding() -> None:
    found = judge(Snapshot(Resource.of(an_nsg())), [a_stranger(Doubt("not read"))], a_baseline())

    assert ((), "not read") == (found.findings, found.unknowns[0].reason)


def a_fix(body: dict[str, Any] | None) -> Fix:
    write = Write("DELETE", SSH) if body is None else Write("PUT", SSH, body)
    return Fix("close", Applicability.SAFE, (write,))


def open_ssh(subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """Speaks while a rule allow-ssh exists, and offers whatever fix its tags name."""
    if subject.properties("securityRules"):
        harmless = subject.tags.get("fix") == "none"
        yield Violation("open", fix=a_fix({"properties": {"priority": 301}} if harmless else None))


@pytest.mark.parametrize(("kind", "offered"), [("delete", True), ("none", False)])
def test_a_fix_that_would_not_end_its_finding_is_taken_away_and_that_is_said(
    kind: str, offered: bool
) -> None:
    nsg = Resource.of(an_nsg(a_rule("allow-ssh"), tags={"fix": kind}))

    (found,) = judge(Snapshot(nsg), [a_stranger(check=open_ssh)], a_baseline()).findings

    assert offered == (found.fix is not None)
    assert offered != ("notFixable" in found.to_json()["evidence"])


HTTPS = NSG_ID.child("securityRules", "allow-https")


def each_open_rule(subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """Speaks of each rule for itself, and offers to delete whatever the tag of its name says."""
    for open_rule in subject.properties("securityRules"):
        own, offered = (NSG_ID.child("securityRules", name) for name in
                        (open_rule["name"], subject.tags[open_rule["name"]]))  # fmt: skip
        fix = Fix("close", Applicability.SAFE, (Write("DELETE", offered),))
        yield Violation("open", fix=fix, subject=own)


def test_a_fix_is_judged_by_its_own_finding_and_by_no_other() -> None:
    """What ends one subject's finding is kept although another's stays, and the other way round."""
    tags = {"allow-ssh": "allow-ssh", "allow-https": "allow-ssh"}
    nsg = Resource.of(an_nsg(a_rule("allow-ssh"), a_rule("allow-https", 301), tags=tags))

    found = judge(Snapshot(nsg), [a_stranger(check=each_open_rule)], a_baseline()).findings

    assert {SSH: True, HTTPS: False} == {each.resource: each.fix is not None for each in found}


# Paths and commands ------------------------------------------------------------------------------


def test_values_are_found_along_a_path_and_what_is_not_there_is_passed_over() -> None:
    body = {"a": [{"b": {"c": 1}}, {"b": None}, {"b": "text"}, None, {"b": {"c": [2]}}], "d": 5}

    assert [1, [2]] == list(values_at(body, "a[].b.c"))
    assert [2] == list(values_at(body, "a[].b.c[]"))
    assert [] == list(values_at(body, "d[].x"))
    assert [] == list(values_at(None, "a"))


def test_only_well_formed_ids_are_followed() -> None:
    body = {"x": [{"id": NSG_ID.text}, {"id": "../x"}, {"id": 5}, {}, {"id": f"{NSG_ID}?api-version=1"}]}

    assert [NSG_ID] == list(ids_at(body, "x[].id"))


# What cmd.exe would run, and what nobody would see, leaves a command out: `landing_zone/test_commands.py`.
NASTY = st.text(st.sampled_from("ab $`'\"\\;*(){}é"), min_size=1, max_size=12)


@CALM
@given(NASTY, NASTY)
def test_no_foreign_name_breaks_out_of_a_command(group: str, name: str) -> None:
    nic = Resource(replace(NIC_ID, resource_group=group, name=name), {})

    words = shlex.split(commands.detach_public_ip(nic, name))

    assert ["az", "network", "nic", "ip-config", "update"] == words[:5]
    assert [group, name, name] == [words[words.index(option) + 1] for option in
                                   ("--resource-group", "--nic-name", "--name")]  # fmt: skip


@CALM
@given(NASTY)
def test_a_write_is_printed_exact_to_the_property(value: str) -> None:
    body = {"properties": {"sourceAddressPrefix": value}}

    words = shlex.split(commands.for_write(Write("PUT", SSH, body)))

    assert body == json.loads(words[words.index("--body") + 1])
    assert SSH.text in words[words.index("--url") + 1]


def test_a_whole_group_is_written_by_hand_over_the_version_that_was_read_alone() -> None:
    words = shlex.split(commands.for_write(Write("PUT", NSG_ID, {}, if_match='W/"7"')))

    assert 'If-Match=W/"7"' == words[words.index("--headers") + 1]


def test_deleting_a_rule_has_a_command_of_its_own() -> None:
    assert f"az network nsg rule delete --ids {SSH}" == commands.for_write(Write("DELETE", SSH))
