"""What a rule cannot tell is a doubt, however it finds out, and never compliance."""

from collections.abc import Iterator

import pytest

from remediation.baseline import NOTHING, Baseline
from remediation.judging.evaluation import judge
from remediation.model import Judgement, Resource, Severity, Snapshot, UndecidedError, Unread, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Listed, Verdict, rule, without_properties

GROUP = "/subscriptions/0-1/resourceGroups/rg/providers/Microsoft.Network"
SUBJECT = Resource.of({"id": f"{GROUP}/virtualNetworks/hub", "properties": {}})
NEIGHBOUR = ResourceId.parse(f"{GROUP}/virtualNetworks/spoke")
PART = SUBJECT.id.child("subnets", "web")
KIND = "microsoft.network/networkinterfaces"


def said(check: str, snapshot: Snapshot, **kwargs: object) -> Judgement:
    """What a rule with one of the checks below says of a snapshot."""
    made = rule(
        "test-rule",
        title="A rule",
        applies_to=(SUBJECT.id.type,),
        severity=Severity.LOW,
        because={Severity.LOW: "It is made up."},
        **kwargs,  # type: ignore[arg-type]
    )(CHECKS[check])
    return judge(snapshot, [made], NOTHING)


def needs_a_document(_subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    if snapshot.need(NEIGHBOUR) is None:
        yield Violation("the neighbour is gone")


def needs_it_to_exist(_subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    yield Violation(f"it is called {snapshot.existing(NEIGHBOUR, 'network').id.name}")


def needs_a_list(_subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    yield Violation(f"there are {len(snapshot.need_list(KIND, '/subscriptions/0-1'))}")


def doubts_a_part(_subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    yield Violation("the network is wrong")
    raise UndecidedError("its subnet came without its properties", PART)


CHECKS = {
    check.__name__: check for check in (needs_a_document, needs_it_to_exist, needs_a_list, doubts_a_part)
}


@pytest.mark.parametrize("check", ["needs_a_document", "needs_it_to_exist"])
def test_a_document_that_was_refused_is_a_doubt_with_the_reason(check: str) -> None:
    snapshot = Snapshot(SUBJECT, {NEIGHBOUR.key: Unread("not permitted to read it")})
    found = said(check, snapshot)
    assert ["not permitted to read it"] == [unknown.reason for unknown in found.unknowns]
    assert not found.findings


def test_a_document_that_was_never_asked_for_is_a_doubt_and_one_that_is_gone_is_known() -> None:
    assert said("needs_a_document", Snapshot(SUBJECT)).unknowns
    assert said("needs_a_document", Snapshot(SUBJECT, {NEIGHBOUR.key: None})).findings


def test_a_document_that_has_to_be_there_is_a_doubt_when_it_is_gone() -> None:
    found = said("needs_it_to_exist", Snapshot(SUBJECT, {NEIGHBOUR.key: None}))
    assert [f"network {NEIGHBOUR.text} does not exist"] == [unknown.reason for unknown in found.unknowns]


def test_a_list_that_was_not_read_is_a_doubt_and_an_empty_one_is_an_answer() -> None:
    key = (KIND, "/subscriptions/0-1")
    assert said("needs_a_list", Snapshot(SUBJECT, lists={key: Unread("refused")})).unknowns
    assert said("needs_a_list", Snapshot(SUBJECT, lists={key: ()})).findings


def test_a_doubt_about_a_part_names_it_and_keeps_what_was_found_before() -> None:
    found = said("doubts_a_part", Snapshot(SUBJECT))
    assert [PART] == [unknown.resource for unknown in found.unknowns]
    assert ["the network is wrong"] == [finding.message for finding in found.findings]


def test_a_subject_whose_document_is_not_enough_is_refused_before_the_rule_is_asked() -> None:
    bare = Snapshot(Resource.of({"id": SUBJECT.id.text}), {NEIGHBOUR.key: None})
    found = said("needs_a_document", bare, refuses=without_properties)
    assert ["hub came without its properties"] == [unknown.reason for unknown in found.unknowns]
    assert not found.findings


def test_a_suspicion_that_cannot_be_told_is_worth_no_closer_look() -> None:
    def suspects(_subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> bool:
        return snapshot.existing(NEIGHBOUR, "network") is not None

    made = rule(
        "test-rule",
        title="A rule",
        applies_to=(SUBJECT.id.type,),
        severity=Severity.LOW,
        because={Severity.LOW: "It is made up."},
        closer=(Listed(KIND),),
        suspects=suspects,
    )(needs_a_document)
    known = Snapshot(SUBJECT, {NEIGHBOUR.key: Resource(NEIGHBOUR, {})})

    assert made.wants_a_closer_look(known, NOTHING)
    assert not made.wants_a_closer_look(Snapshot(SUBJECT), NOTHING)


def test_doubts_are_noted_once_each_while_the_asking_goes_on() -> None:
    def refuse(reason: str) -> str:
        raise UndecidedError(reason)

    doubts = Doubts()
    answers = [doubts.ask(refuse, "first"), doubts.ask(str, 5), doubts.ask(refuse, "first")]
    with doubts.noted():
        refuse("second")

    assert [None, "5", None] == answers
    assert ["first", "second"] == [doubt.reason for doubt in doubts]
