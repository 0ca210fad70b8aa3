"""Who may do what over HTTP, as the baseline says it; and what is wrong where it says it wrongly."""

import json
from typing import Any

import pytest

from remediation import baseline
from remediation.baseline.people import MOST
from remediation.errors import ConfigurationError

ADA = "aaaaaaaa-0000-4000-8000-000000000001"
GROUP = "bbbbbbbb-0000-4000-8000-000000000002"
OTHERS = "cccccccc-0000-4000-8000-000000000003"


def people(section: Any) -> baseline.People:
    return baseline.read(json.dumps({"version": 1, "people": section})).people


def mistakes(section: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        people(section)
    return [mistake.partition(": ")[2] for mistake in caught.value.mistakes]


def test_without_the_section_nobody_has_a_right() -> None:
    assert frozenset() == people(None).rights_of(frozenset({ADA, GROUP}))


def test_a_right_is_of_a_person_or_of_a_group_they_are_in_however_the_id_is_spelled() -> None:
    team = people({"apply": [ADA.upper()], "exempt": GROUP})

    assert {"apply", "read"} == team.rights_of(frozenset({ADA}))
    assert {"apply", "exempt", "read"} == team.rights_of(frozenset({ADA, GROUP}))
    assert frozenset() == team.rights_of(frozenset({OTHERS}))


def test_who_may_only_read_may_nothing_else() -> None:
    assert {"read"} == people({"read": [ADA], "apply": []}).rights_of(frozenset({ADA}))


def test_every_mistake_is_named_at_once_with_its_place() -> None:
    told = mistakes({"apply": ["ada@contoso.example", ADA, 7], "exempt": {"a": 1}, "raed": [ADA]})

    assert [
        "people.raed: unknown key; did you mean read?",
        "people.apply[0]: not the Entra object id of a group or a person: 'ada@contoso.example'",
        "people.apply[2]: not the Entra object id of a group or a person: 7",
        "people.exempt: must be a list of Entra object ids, not a mapping",
    ] == told


@pytest.mark.parametrize("section", [[ADA], ADA, 1, True], ids=str)
def test_the_section_is_a_mapping(section: Any) -> None:
    (told,) = mistakes(section)
    assert told.startswith("people: must be a mapping")


def test_whole_companies_are_named_by_their_group() -> None:
    (told,) = mistakes({"read": [ADA] * (MOST + 1)})
    assert "name a group" in told
