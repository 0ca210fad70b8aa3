"""A request and an answer as values, between the HTTP server and what ARM does with them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from lab.arm import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.arm.documents.tree import Document
    from lab.arm.errors import ArmError, OperationError
    from lab.arm.ids import ArmPath

API_VERSION = re.compile(r"\d{4}-\d\d-\d\d(-[A-Za-z0-9.]+)?")
KINDS_OF_USE = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}


@dataclass(frozen=True, slots=True)
class Fate:
    """What a fault wants of the operation a request begins."""

    status: str
    error: OperationError
    polls: int | None = None
    applied: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Query names are lower case; `base` is how the client reached the lab (scheme and host)."""

    method: str
    path: ArmPath
    query: Mapping[str, str]
    headers: Mapping[str, str]
    caller: str
    base: str
    raw_path: str
    body: bytes = b""
    fate: Fate | None = None
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def use(self) -> str:
        """The kind of use a token bucket counts: reads, writes or deletes."""
        return KINDS_OF_USE.get(self.method, "writes")

    @property
    def verb(self) -> str:
        return {"DELETE": "delete", "POST": "action"}.get(self.method, "write")

    @property
    def api_version(self) -> str:
        return self.query.get("api-version", "")

    @property
    def user_agent(self) -> str:
        return self.headers.get("User-Agent", "")

    def with_fate(self, fate: Fate | None) -> Call:
        return self if fate is None else replace(self, fate=fate)

    def checked_version(self) -> None:
        """Any YYYY-MM-DD[-preview] will do, but one is required."""
        if not self.api_version:
            raise errors.no_api_version()
        if not API_VERSION.fullmatch(self.api_version):
            raise errors.bad_api_version(self.api_version)

    def document(self) -> Document:
        """The body as a JSON object; anything else is refused."""
        try:
            value = msgspec.json.decode(self.body or b"{}")
        except msgspec.DecodeError as problem:
            raise errors.not_json(str(problem)) from problem
        if not isinstance(value, dict):
            raise errors.not_json("an object is expected")
        for member in ("properties", "tags", "sku"):
            if not isinstance(value.get(member), dict | None):
                raise errors.not_json(f"'{member}' must be an object")
        return value

    def properties(self) -> Document:
        """The `properties` of the body; absent ones count as empty."""
        found = self.document().get("properties")
        return found if isinstance(found, dict) else {}


@dataclass(slots=True)
class Answer:
    """One response; `body` is encoded already, None means empty."""

    status: int
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"


def answered(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, msgspec.json.encode(value), headers or {})


def refused(refusal: ArmError) -> Answer:
    return Answer(refusal.status, refusal.body(), refusal.all_headers())
