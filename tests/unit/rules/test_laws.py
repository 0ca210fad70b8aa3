"""Laws that hold for every rule there is and every one a stranger adds, over all of their cases."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from remediation.adapters.memory.cloud import MemoryCloud
from remediation.baseline import Action
from remediation.judging.evaluation import judge
from remediation.judging.gathering import gather
from remediation.judging.prediction import after
from remediation.kinds import DIAGNOSTIC_SETTING, ROLE_ASSIGNMENT
from remediation.model import Applicability, Finding, Resource, Snapshot, Unread, Write
from remediation.model.deeds import OPEN_THEIR_OWN
from remediation.resource_id import ResourceId
from remediation.rule import Listed, Rule
from remediation.rules import registry, rules_for
from tests.unit.rules.case import Case, Document, Refusing, all_cases, judged, snapshot_of, standard

RULES = sorted(registry().values(), key=lambda rule: rule.id)
ALL = list(all_cases())
HEADINGS = ("What it finds", "Why", "Fix", "Fix safety", "Unknown", "References")
SAFETY = {Applicability.SAFE: "SAFE", Applicability.UNSAFE: "UNSAFE", Applicability.ALERT: "ALERT"}
CLAUSE = re.compile(r"[CRT]\d{1,2}")

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
each_case = pytest.mark.parametrize(
    ("rule", "case"), [pytest.param(rule, case, id=f"{rule}: {case.name}") for rule, case in ALL]
)
each_speaking_case = pytest.mark.parametrize(
    ("rule", "case"),
    [pytest.param(rule, case, id=f"{rule}: {case.name}") for rule, case in ALL if case.says == "speaks"],
)


def fixable(rule: str, case: Case) -> list[Finding]:
    return [finding for finding in judged(rule, case).findings if finding.fix is not None]


FIXABLE = [(rule, case) for rule, case in ALL if case.says == "speaks" and fixable(rule, case)]
each_fixable_case = pytest.mark.parametrize(
    ("rule", "case"), [pytest.param(rule, case, id=f"{rule}: {case.name}") for rule, case in FIXABLE]
)


# What a rule says of itself ----------------------------------------------------------------------


@each_rule
@pytest.mark.parametrize("kind", [ROLE_ASSIGNMENT, DIAGNOSTIC_SETTING])
def test_who_changes_rights_or_logs_may_open_what_a_rule_finds_that_reads_them_and_nothing_else(
    rule: Rule, kind: str
) -> None:
    read = {need.type for need in (*rule.needs, *rule.closer) if isinstance(need, Listed)}

    assert (kind in read) == (rule.id in OPEN_THEIR_OWN[f"{kind}/"])


@each_rule
def test_a_rule_is_documented_under_every_heading(rule: Rule) -> None:
    fault, *rest = rule.documentation.strip().splitlines()
    text = "\n".join(rest)

    assert fault.endswith(".")
    for heading in HEADINGS:
        assert re.search(rf"^\s*{heading}: \S", text, re.MULTILINE), heading


@each_rule
def test_a_rule_says_how_safe_its_fix_is_as_its_applicability_does(rule: Rule) -> None:
    found = re.search(r"^\s*Fix safety: (\w+)", rule.documentation, re.MULTILINE)

    assert found is not None
    assert SAFETY[rule.applicability] == found.group(1)


@each_rule
def test_a_rule_names_the_clauses_of_the_guidance_it_checks_or_none_where_none_fits(rule: Rule) -> None:
    assert all(CLAUSE.fullmatch(clause) for clause in rule.guidance)


@each_rule
def test_a_rule_has_types_in_lower_case_and_a_title(rule: Rule) -> None:
    assert rule.title
    assert rule.applies_to
    assert all(kind == kind.lower() for kind in rule.applies_to)


def test_ids_are_unique_and_titles_too() -> None:
    assert len({rule.id for rule in RULES}) == len({rule.title for rule in RULES}) == len(RULES)


@each_rule
def test_a_rule_has_a_silent_and_a_speaking_case(rule: Rule) -> None:
    assert {"silent", "speaks"} <= {case.says for name, case in ALL if name == rule.id}


def test_every_case_is_of_a_rule_and_cases_of_one_rule_have_names_of_their_own() -> None:
    named = [(rule, case.name) for rule, case in ALL]

    assert len(named) == len(set(named))
    assert {rule for rule, _ in named} <= registry().keys()


# Purity ------------------------------------------------------------------------------------------


@each_case
def test_a_rule_changes_nothing_it_is_shown(rule: str, case: Case) -> None:
    snapshot, baseline = snapshot_of(rule, case), standard(case, rule)
    before = copy.deepcopy(snapshot)

    first = judge(snapshot, [registry()[rule]], baseline)
    second = judge(snapshot, [registry()[rule]], baseline)

    assert first == second
    assert before == snapshot


@each_case
def test_what_a_rule_says_can_be_kept_and_shown(rule: str, case: Case) -> None:
    found = judged(rule, case)

    for finding in found.findings:
        assert finding.to_json() == _through_json(finding.to_json())
        assert not any("\n" in line for line in finding.commands)
        assert not finding.message.endswith(".")
    for unknown in found.unknowns:
        assert unknown.reason


def _through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@each_case
def test_a_rule_that_is_off_says_nothing(rule: str, case: Case) -> None:
    off = replace(standard(case, rule), rules={rule: Action.OFF})

    found = judge(snapshot_of(rule, case), [registry()[rule]], off)

    assert ((), ()) == (found.findings, found.unknowns)


# Fixes -------------------------------------------------------------------------------------------


def test_the_rules_with_a_fix_have_cases_with_one() -> None:
    with_fix = {rule.id for rule in RULES if rule.applicability > Applicability.ALERT}

    assert with_fix == {rule for rule, _ in FIXABLE}


@each_fixable_case
def test_a_fix_is_as_safe_as_its_rule_says_at_most_and_comes_with_proof_and_before_image(
    rule: str, case: Case
) -> None:
    for finding in fixable(rule, case):
        fix = finding.fix
        assert fix is not None
        assert fix.writes
        assert Applicability.ALERT < fix.applicability <= registry()[rule].applicability
        assert fix.title
        assert fix.proof
        assert {write.id.key for write in fix.writes} == fix.before.keys()


@each_fixable_case
def test_a_fix_silences_its_finding_as_predicted_and_as_written(rule: str, case: Case) -> None:
    for finding in fixable(rule, case):
        assert finding.fix is not None
        snapshot = snapshot_of(rule, case)
        predicted = judge(after(snapshot, finding.fix.writes), [registry()[rule]], standard(case, rule))
        written = judged_in(written_to(case, finding.fix.writes), rule, case)

        assert finding.key not in {one.key for one in predicted.findings}
        assert finding.key not in {one.key for one in written}


@each_fixable_case
def test_a_fix_written_twice_is_a_fix_written_once(rule: str, case: Case) -> None:
    for finding in fixable(rule, case):
        assert finding.fix is not None
        once = written_to(case, finding.fix.writes)
        twice = written_to(case, (*finding.fix.writes, *finding.fix.writes))

        assert without_versions(once) == without_versions(twice)


@each_fixable_case
def test_a_fix_touches_nothing_but_its_target(rule: str, case: Case) -> None:
    for finding in fixable(rule, case):
        assert finding.fix is not None
        before, written = without_versions(MemoryCloud(*case.documents)), written_to(case, finding.fix.writes)

        touched = {write.id.key for write in finding.fix.writes}
        assert all(f"{key}/".startswith(f"{finding.resource.key}/") for key in touched)
        changed = {
            identity for identity, body in without_versions(written).items() if before.get(identity) != body
        }
        assert all(f"{identity}/".startswith(f"{finding.resource.key}/") for identity in changed)


@each_fixable_case
def test_a_fix_makes_no_other_rule_speak(rule: str, case: Case) -> None:
    for finding in fixable(rule, case):
        assert finding.fix is not None
        before = {one.key for one in judged_by_all(MemoryCloud(*case.documents), rule, case)}

        spoken = {one.key for one in judged_by_all(written_to(case, finding.fix.writes), rule, case)}

        assert spoken <= before - {finding.key}


@each_fixable_case
def test_the_inverse_of_a_fix_brings_back_what_was_there(rule: str, case: Case) -> None:
    for finding in fixable(rule, case):
        assert finding.fix is not None
        if not finding.fix.inverse:
            continue  # a SKU that is raised is never lowered, and the fix says so
        back = written_to(case, (*finding.fix.writes, *finding.fix.inverse))

        assert finding.key in {one.key for one in judged_in(back, rule, case)}


def written_to(case: Case, writes: tuple[Write, ...]) -> MemoryCloud:
    """The case's cloud after some writes, as a second client sends them: without the version it read."""
    cloud = MemoryCloud(*case.documents)
    for write in writes:
        cloud.write(Write(write.method, write.id, write.body))
    return cloud


def judged_in(cloud: MemoryCloud, rule: str, case: Case) -> tuple[Finding, ...]:
    return judge(
        snapshot_in(cloud, [registry()[rule]], rule, case), [registry()[rule]], standard(case, rule)
    ).findings


def judged_by_all(cloud: MemoryCloud, rule: str, case: Case) -> tuple[Finding, ...]:
    rules = rules_for(ResourceId.parse(case.subject).type)
    return judge(snapshot_in(cloud, list(rules), rule, case), rules, standard(case, rule)).findings


def snapshot_in(cloud: MemoryCloud, rules: list[Rule], rule: str, case: Case) -> Snapshot:
    subject = cloud.get(ResourceId.parse(case.subject))
    assert isinstance(subject, Resource)
    hidden = frozenset(name.lower() for name in case.unread)
    return gather(Refusing(cloud, hidden), subject, rules, standard(case, rule), case.moment)


def without_versions(cloud: MemoryCloud) -> dict[str, Any]:
    return {identity.key: _unversioned(found.body) for identity, found in cloud.resources.items()}


def _unversioned(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: _unversioned(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if key not in {"etag", "provisioningState", "id"}}
    return [_unversioned(item) for item in value] if isinstance(value, list) else value


# Documents as they should not be -----------------------------------------------------------------

MOST_PLACES = 10
ABSENT, RECASED = "(absent)", "(recased)"
JUNK: tuple[Any, ...] = (
    None, ABSENT, RECASED, "text", 7, True, [], {}, [None], [[]], {"id": 5}, [{"id": "/x"}],
)  # fmt: skip


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    items = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, item in items:
        yield (*at, key)
        yield from paths(item, (*at, key))


def spoilt(document: Mapping[str, Any], path: tuple[Any, ...], junk: Any) -> Document:
    """The document with something else at a place; its id stays, or nobody could have read it."""
    copied = copy.deepcopy(dict(document))
    holder: Any = copied
    for key in path[:-1]:
        holder = holder[key]
    if junk is ABSENT:
        del holder[path[-1]]
    elif junk is RECASED:
        holder[str(path[-1]).capitalize()] = holder.pop(path[-1])
    else:
        holder[path[-1]] = junk
    return copied


def spoilings(document: Mapping[str, Any], turn: int, most: int = MOST_PLACES) -> Iterator[Document]:
    """A document spoilt at some places in one way each; places and ways take turns over the cases."""
    places = list(enumerate(path for path in paths(document) if path not in {("id",), ("name",)}))
    stride = 1 + len(places) // most
    for number, path in places[turn % stride :: stride]:
        junk = JUNK[(number + turn) % len(JUNK)]
        yield spoilt(document, path, None if junk is RECASED and not isinstance(path[-1], str) else junk)


def turn_of(rule: str, case: Case) -> int:
    return [other.name for name, other in ALL if name == rule].index(case.name)


@each_speaking_case
def test_no_subject_however_spoilt_makes_a_rule_crash(rule: str, case: Case) -> None:
    """The subject decides what is read next, so that is done anew for each spoiling."""
    cloud = Refusing(MemoryCloud(*case.documents), frozenset(name.lower() for name in case.unread))
    baseline, subject = standard(case, rule), snapshot_of(rule, case).subject

    for bad in spoilings(subject.body, turn_of(rule, case)):
        snapshot = gather(cloud, Resource(subject.id, bad), [registry()[rule]], baseline, case.moment)
        judge(snapshot, [registry()[rule]], baseline)


@each_speaking_case
def test_no_neighbour_however_spoilt_makes_a_rule_crash(rule: str, case: Case) -> None:
    snapshot, baseline = snapshot_of(rule, case), standard(case, rule)

    for bad in with_spoilt_neighbours(snapshot, turn_of(rule, case)):
        judge(bad, [registry()[rule]], baseline)


def with_spoilt_neighbours(snapshot: Snapshot, turn: int) -> Iterator[Snapshot]:
    """The snapshot with one neighbour spoilt at one place, whether it was read by itself or in a list."""
    read = {key: found for key, found in snapshot.resources.items() if isinstance(found, Resource)}
    lists = {at: listed for at, listed in snapshot.lists.items() if not isinstance(listed, Unread)}
    share = 1 + MOST_PLACES // (1 + len(read) + sum(len(listed) for listed in lists.values()))
    for key, found in read.items():
        for bad in spoilings(found.body, turn, share):
            yield replace(snapshot, resources={**snapshot.resources, key: Resource(found.id, bad)})
    for at, listed in lists.items():
        for index, one in enumerate(listed):
            for bad in spoilings(one.body, turn, share):
                others = [*listed[:index], Resource(one.id, bad), *listed[index + 1 :]]
                yield replace(snapshot, lists={**snapshot.lists, at: others})


@each_rule
@pytest.mark.parametrize("how", [ABSENT, None, RECASED, "text"], ids=["missing", "null", "recased", "text"])
def test_a_subject_without_its_properties_never_counts_as_compliant(rule: Rule, how: Any) -> None:
    for case in (case for name, case in ALL if name == rule.id and case.says == "speaks"):
        snapshot = snapshot_of(rule.id, case)
        bare = Resource(snapshot.subject.id, spoilt(snapshot.subject.body, ("properties",), how))

        found = judge(replace(snapshot, subject=bare), [rule], standard(case, rule.id))

        assert found.findings or found.unknowns, case.name
