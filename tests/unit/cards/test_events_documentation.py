import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from remediation.resource_id import ResourceId
from remediation.telling.cards.news import KINDS
from remediation.telling.channels.event import announcement
from tests.unit.cards import event_schema
from tests.unit.cards.samples import NSG, SAMPLES

DOCUMENT = event_schema.PATH.with_name("events.md").read_text()
VALIDATOR = Draft202012Validator(event_schema.schema(), format_checker=FormatChecker())
SAMPLES_TOLD = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)]


def test_the_schema_in_the_documentation_is_that_of_the_code() -> None:
    """When this fails: python -m tests.unit.cards.event_schema."""
    assert event_schema.PATH.read_text() == event_schema.text()


def test_the_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(event_schema.schema())


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_published_fits_the_schema(name: str) -> None:
    told = announcement(ResourceId.parse(NSG), SAMPLES[name])
    event = {
        "specversion": "1.0",
        "id": told.id,
        "source": "/bastion-guard",
        "type": told.type,
        "subject": told.subject,
        "time": told.time.isoformat(),
        "data": told.data,
    }

    assert [error.message for error in VALIDATOR.iter_errors(event)] == []


@pytest.mark.parametrize("sample", SAMPLES_TOLD, ids=lambda sample: sample["type"])
def test_the_samples_in_the_documentation_fit_the_schema(sample: dict[str, Any]) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(sample)] == []


def test_an_event_that_lacks_its_finding_does_not_fit() -> None:
    sample = SAMPLES_TOLD[0]
    broken = sample | {"data": {key: value for key, value in sample["data"].items() if key != "finding"}}

    assert not VALIDATOR.is_valid(broken)


def test_every_type_is_documented_and_none_else() -> None:
    told = set(re.findall(r"^\| `BastionGuard\.(\w+)`", DOCUMENT, re.MULTILINE))

    assert told == set(KINDS)


def test_every_field_is_documented() -> None:
    fields = event_schema.schema()["$defs"]["FindingRecord"]["properties"]

    assert [field for field in fields if f"`{field}`" not in DOCUMENT and field != "announced"] == []
