"""The JSON Schema of our events, from the types that make them: ``python -m tests.cards.event_schema``."""

import json
from pathlib import Path
from typing import Any

import msgspec

from remediation.findings import FindingRecord
from remediation.telling.cards.news import KINDS
from remediation.telling.channels.event import SCHEMA_VERSION

PATH = Path(__file__).resolve().parents[3] / "docs" / "events.schema.json"


def schema() -> dict[str, Any]:
    """A CloudEvent 1.0 whose data is a finding, in JSON Schema 2020-12."""
    (data,), definitions = msgspec.json.schema_components([FindingRecord], ref_template="#/$defs/{name}")
    added = {
        "target": {"type": "string", "description": "The resource whose look brought the news."},
        "finding": {"type": "string", "description": "The finding's name: its rule and its resource."},
        "schemaVersion": {"const": SCHEMA_VERSION, "description": "Of these fields."},
    }
    known = ["target", "finding"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An announcement of Bastion Guard",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "description": "Deterministic: a repeat has the same id."},
            "source": {"type": "string", "description": "The app that publishes."},
            "type": {"enum": [f"BastionGuard.{kind}" for kind in KINDS]},
            "subject": {"type": "string", "description": "The resource id, as it was spelled."},
            "time": {"type": "string", "format": "date-time"},
            "data": {"allOf": [data, {"properties": added, "required": known}]},
        },
        "$defs": definitions,
    }


def text() -> str:
    return f"{json.dumps(schema(), indent=2)}\n"


if __name__ == "__main__":
    PATH.write_text(text())
