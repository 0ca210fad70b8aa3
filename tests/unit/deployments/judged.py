"""`preflight` run on an input, in this process, as somebody would type it."""

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remediation.cli import main

INPUTS = Path(__file__).parent / "inputs"


@dataclass(frozen=True)
class Answer:
    """What a run printed, and how it ended."""

    status: int
    output: str
    errors: str

    @property
    def document(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.output)
        return told

    def by(self, change: str) -> list[str]:
        """`rule name` of every finding with this change; the name is the last part of the resource's."""
        return [
            f"{one['rule']} {one['resourceId'].rpartition('/')[2]}"
            for one in self.document["findings"]
            if one["change"] == change
        ]

    @property
    def unknown(self) -> list[str]:
        """`name: reason` of everything that is not known."""
        return [
            f"{one['resourceId'].rpartition('/')[2]}: {one['reason']}" for one in self.document["unknown"]
        ]


def preflight(*arguments: str | Path, how: str = "json") -> Answer:
    """Run the command; names of inputs are taken from their folder."""
    texts = [str(INPUTS / one) if (INPUTS / str(one)).is_file() else str(one) for one in arguments]
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        status = main(["preflight", *texts, "--format", how])
    return Answer(status, output.getvalue(), errors.getvalue())
