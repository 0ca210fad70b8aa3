"""Lists as answers: pages, and where the next one is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from lab.arm.calls import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.arm.documents.tree import Document


def page(call: Call, items: Sequence[bytes], size: int | None) -> Answer:
    """A list answer; `nextLink` is absolute and absent on the last page."""
    start = int(call.query.get("$skiptoken", "0") or 0)
    part = items[start : start + size] if size else items[start:]
    tail = b"]}"
    if size and start + size < len(items):
        query = urlencode({**call.query, "$skiptoken": str(start + size)})
        tail = b'],"nextLink":' + msgspec.json.encode(f"{call.base}{call.raw_path}?{query}") + b"}"
    return Answer(200, b'{"value":[' + b",".join(part) + tail)


def listing(call: Call, documents: Sequence[Document], size: int | None) -> Answer:
    return page(call, [msgspec.json.encode(each) for each in documents], size)
