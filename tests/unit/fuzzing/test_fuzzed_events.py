"""Whatever is posted where Event Grid posts: work about a resource of Azure, or nothing; never an error."""

import json
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from remediation.app.functions import App
from remediation.errors import InputError
from remediation.intake.events import batch, parse
from remediation.messages import MAX_BYTES, decode, encode
from remediation.resource_id import ResourceId
from tests.unit.fuzzing.damage import ANYTHING, damaged

SAMPLES = {
    path.name: json.loads(path.read_text())
    for path in sorted((Path(__file__).resolve().parents[2] / "events").glob("*.json"))
    if not path.name.startswith(("teams", "validation"))
}
EVENT_GRID = [sample for sample in SAMPLES.values() if isinstance(sample, list)]
CLOUD_EVENTS = [sample for sample in SAMPLES.values() if isinstance(sample, dict)]
ALL = st.sampled_from(EVENT_GRID) | st.sampled_from(CLOUD_EVENTS)


def test_there_are_samples_of_every_schema() -> None:
    assert min(len(EVENT_GRID), len(CLOUD_EVENTS)) > 10
    assert all("specversion" in event for event in CLOUD_EVENTS)


@given(ALL.flatmap(damaged) | ANYTHING)
def test_a_damaged_event_is_read_or_refused_with_a_short_reason(document: Any) -> None:
    for event in batch(document):
        try:
            change = parse(event)
        except InputError as error:
            reason = str(error)
            assert len(reason) < 1000
        else:
            assert change.target == ResourceId.parse(change.target.text)


@example(None)
@example([{"data": []}, 5])
@given(ALL.flatmap(damaged) | ANYTHING)
def test_what_a_damaged_event_puts_on_the_queue_is_small_and_about_one_resource(document: Any) -> None:
    for event in batch(document):
        for text in App({}).accept(event):
            message = decode(text)
            [named] = [each for each in (message.target, message.expand, message.sweep) if each]
            assert ResourceId.parse(named).text.lower().startswith("/subscriptions/")
            assert len(encode(message).encode()) <= MAX_BYTES
