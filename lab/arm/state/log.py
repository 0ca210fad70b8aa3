"""The log of ARM requests served: what `GET /_lab/log` lists and the benchmarks count."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from lab.arm.clock import timestamp

KEPT = 500_000
ASKING = "/listnetworkmanagereffectivesecurityadminrules"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request served; `time` and `seconds` on the lab's clock. Status 0: the connection was dropped."""

    time: float
    method: str
    path: str
    query: str
    status: int
    caller: str
    user_agent: str
    correlation_id: str
    seconds: float

    @property
    def reads(self) -> bool:
        """Whether it asked and changed nothing: a GET, or the POST that answers a list."""
        return self.method == "GET" or self.path.lower().endswith(ASKING)

    def document(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "caller": self.caller,
            "query": self.query,
            "time": timestamp(self.time),
            "userAgent": self.user_agent,
            "correlationId": self.correlation_id,
            "milliseconds": round(self.seconds * 1000, 3),
        }


class Log:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def entries(self, method: str = "", caller: str = "", path: str = "") -> list[Entry]:
        """In order of arrival; each filter is optional, `path` is a part of it, without case."""
        part = path.lower()
        return [
            each
            for each in self._entries
            if (not method or each.method == method.upper())
            and (not caller or each.caller == caller)
            and (not part or part in each.path.lower())
        ]

    def clear(self) -> None:
        self._entries.clear()
