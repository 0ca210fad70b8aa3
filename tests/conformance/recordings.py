"""Recorded sessions as values, and what can be told from a recording about what it does not show."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.arm import ids

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "recordings"
OPERATION = re.compile(r"/(operations|operationResults)/([^/?]+)", re.IGNORECASE)
REPLACED = re.compile(r"0000\d\d")  # what the recorders wrote in place of the random part of a name
ENCODED_SUBSCRIPTION = re.compile(r"(%2Fsubscriptions%2F)[0-9a-f-]{36}", re.IGNORECASE)
TERMINAL = frozenset({"Succeeded", "Failed", "Canceled"})


@dataclass(frozen=True, slots=True)
class Interaction:
    """One recorded request and its response. `number`: its place in the original; gaps are other requests."""

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
        begun = OPERATION.search(
            self.headers.get("azure-asyncoperation", "") or self.headers.get("location", "")
        )
        found = asked or begun
        return found[2].lower() if found else ""

    @property
    def is_poll(self) -> bool:
        return OPERATION.search(self.path) is not None

    @property
    def is_result(self) -> bool:
        return self.is_poll and "/operationresults/" in self.path.lower()

    @property
    def error(self) -> dict[str, Any]:
        """The error of a refusal, in whichever envelope it came; empty if there is none."""
        error = (
            self.body.get("error", self.body) if isinstance(self.body, dict) and self.status >= 400 else {}
        )
        return error if isinstance(error, dict) else {}

    @property
    def ended(self) -> bool:
        """Whether this poll found the operation ended."""
        if self.is_result:
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
        """Which poll found an operation ended; one more than there were if none did; 0 without polls."""
        count = 0
        for each in self.interactions:
            if each.is_poll and each.operation_id == operation_id:
                count += 1
                if each.ended:
                    return count
        return count + 1 if count else 0

    def end_of(self, operation_id: str) -> Interaction | None:
        """The poll that shows how an operation ended: the one with a result, if any has."""
        ends = [
            each
            for each in self.interactions
            if each.is_poll and each.operation_id == operation_id and each.ended
        ]
        return next((each for each in ends if each.is_result), ends[0] if ends else None)

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
    return [_session(file) for file in sorted((where / "sessions").glob("*.json"))]


def _session(file: Path) -> Session:
    raw = json.loads(file.read_text("utf-8"))
    names = _replaced_names(raw)
    subscription = _subscription(raw)
    for each in raw:
        each["response"]["body"] = _repaired(each["response"].get("body"), names)
        each["request"]["path"] = ENCODED_SUBSCRIPTION.sub(rf"\g<1>{subscription}", each["request"]["path"])
    return Session(file.stem, tuple(_interaction(each, number) for number, each in enumerate(raw)))


def _subscription(raw: list[dict[str, Any]]) -> str:
    """The session's subscription: the recorder overlooked ids behind encoded slashes."""
    paths = (ids.parse(each["request"]["path"]) for each in raw if "%2F" not in each["request"]["path"][:4])
    return next((path.subscription for path in paths if path.subscription), "")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _replaced_names(raw: list[dict[str, Any]]) -> list[tuple[re.Pattern[str], str]]:
    """Names with a replaced part, and what the originals looked like."""
    texts = [
        *(each["request"]["path"] for each in raw),
        *_strings([each["response"].get("body") for each in raw]),
    ]
    names = {
        part
        for text in texts
        if text.startswith("/subscriptions/")
        for part in text.split("/")
        if REPLACED.search(part)
    }
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return [(re.compile(r"[a-z0-9]+".join(map(re.escape, REPLACED.split(name))) + "$", re.IGNORECASE), name)
            for name in longest_first]  # fmt: skip


def _repaired(value: Any, names: list[tuple[re.Pattern[str], str]]) -> Any:
    """Names Azure wrote in capitals escaped the recorder's replacement: make them the same again."""
    if isinstance(value, dict):
        return {key: _repaired(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_repaired(item, names) for item in value]
    if not isinstance(value, str) or not value.startswith("/subscriptions/") or value == value.lower():
        return value
    return "/".join(_repaired_name(part, names) for part in value.split("/"))


def _repaired_name(part: str, names: list[tuple[re.Pattern[str], str]]) -> str:
    if part != part.upper() or part == part.lower():
        return part
    return next((name for shape, name in names if shape.match(part)), part)
