"""Recorded sessions as values, and what can be told from a recording about what it does not show."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.arm import ids

DEFAULT_FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "recordings"
OPERATION = re.compile(r"/(operations|operationResults)/([0-9a-fA-F-]{36})", re.IGNORECASE)
TERMINAL = frozenset({"Succeeded", "Failed", "Canceled"})


@dataclass(frozen=True, slots=True)
class Interaction:
    """One recorded request and its response. `number` is its place in the original; gaps are other requests."""

    number: int
    source: str
    method: str
    path: str
    query: str
    sent: Any
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def arm_path(self) -> ids.ArmPath:
        return ids.parse(self.path)

    @property
    def operation_id(self) -> str:
        """The operation a poll asks after, or the one a write began; empty if neither."""
        asked = OPERATION.search(self.path)
        begun = OPERATION.search(self.headers.get("azure-asyncoperation", "") or self.headers.get("location", ""))
        found = asked or begun
        return found[2].lower() if found else ""

    @property
    def is_poll(self) -> bool:
        return OPERATION.search(self.path) is not None

    @property
    def ended(self) -> bool:
        """Whether this poll found the operation ended."""
        if "/operationresults/" in self.path.lower():
            return self.status != 202
        return isinstance(self.body, dict) and self.body.get("status") in TERMINAL

    @property
    def succeeded(self) -> bool:
        return self.status < 300


@dataclass(frozen=True, slots=True)
class Session:
    name: str
    interactions: tuple[Interaction, ...]

    def polls(self, operation_id: str) -> int:
        """How often an operation was asked after until it had ended; 0 if never."""
        count = 0
        for each in self.interactions:
            if each.is_poll and each.operation_id == operation_id:
                count += 1
                if each.ended:
                    break
        return count

    @property
    def location(self) -> str:
        """The first location any answer names."""
        for each in self.interactions:
            if isinstance(each.body, dict) and isinstance(each.body.get("location"), str):
                return str(each.body["location"])
        return "westus"

    def gap_before(self, index: int) -> bool:
        """Whether requests that were not kept stood before this one."""
        return index > 0 and self.interactions[index].number != self.interactions[index - 1].number + 1


def folder() -> Path:
    """Where the recordings are: ARM_RECORDINGS, or beside the checkout."""
    return Path(os.environ.get("ARM_RECORDINGS", DEFAULT_FOLDER))


def _interaction(raw: dict[str, Any], number: int) -> Interaction:
    request, response, meta = raw["request"], raw["response"], raw.get("meta", {})
    return Interaction(
        number=int(meta.get("interaction", number)),
        source=str(meta.get("source", "")),
        method=request["method"],
        path=request["path"],
        query=request.get("query") or "",
        sent=request.get("body"),
        status=int(response["status"]),
        headers={key.lower(): value for key, value in (response.get("headers") or {}).items()},
        body=response.get("body"),
    )


def sessions(where: Path) -> list[Session]:
    """Every session in the folder's `sessions/`, by name."""
    return [
        Session(file.stem, tuple(_interaction(raw, n) for n, raw in enumerate(json.loads(file.read_text("utf-8")))))
        for file in sorted((where / "sessions").glob("*.json"))
    ]
