"""HTTP answers as values; errors are problem+json (RFC 9457)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; its body is JSON."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        problem = self.status >= 400 and "title" in self.body
        return "application/problem+json" if problem else "application/json"

    @property
    def text(self) -> str:
        return "" if self.status == 304 else json.dumps(self.body)


def problem(
    status: int, title: str, mistakes: Iterable[str], headers: Mapping[str, str] | None = None
) -> Answer:
    """A problem+json answer with every mistake in `errors`."""
    errors = list(mistakes)
    body = {"type": "about:blank", "status": status, "title": title, "errors": errors}
    return Answer(status, {**body, "detail": "; ".join(errors)}, headers or {})
