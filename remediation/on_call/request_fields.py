"""Reading the fields of a request or of a command line: each mistake is named with its field."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from remediation.errors import InputError
from remediation.on_call.times import moment
from remediation.resource_id import ResourceId

MAX_TEXT = 2048
MAX_NAMES = 200


class Fields:
    """A JSON object that is read field by field; `finish` raises what was wrong with any of them."""

    def __init__(self, values: Mapping[str, Any], known: Iterable[str]) -> None:
        self._values = values
        unknown = sorted(str(key) for key in values if key not in frozenset(known))
        self.mistakes = [f"{key[:60]!r}: unknown key" for key in unknown]

    def wrong(self, key: str, problem: str) -> None:
        self.mistakes.append(f"{key}: {problem}")

    def given(self, key: str) -> bool:
        return self._values.get(key) is not None

    def text(self, key: str) -> str:
        value = self._values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= MAX_TEXT or not value.isprintable():
            self.wrong(key, f"must be printable text of 1 to {MAX_TEXT} characters")
            return ""
        return value.strip()

    def one_of(self, key: str, known: Iterable[str], default: str = "") -> str:
        value = self.text(key)
        if value and value not in frozenset(known):
            names = ", ".join(sorted(known))
            shown = names if len(names) < MAX_NAMES else "those that exist"
            self.wrong(key, f"must be one of {shown}, not {value[:60]!r}")
            return default
        return value or default

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "must be true or false")
        return value is True

    def count(self, key: str, default: int, most: int) -> int:
        value = self._values.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            self.wrong(key, f"must be a whole number from 1 to {most}")
            return default
        return value

    def list(self, key: str, most: int) -> list[Any]:
        value = self._values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(key, "must be a list")
            return []
        if len(value) > most:
            self.wrong(key, f"{len(value)} are more than {most}")
            return []
        return value

    def read[T](self, key: str, read: Callable[[str], T]) -> T | None:
        """What `read` makes of a text; an InputError of it is this field's mistake."""
        text = self.text(key)
        return self._read(key, lambda: read(text)) if text else None

    def resource(self, key: str) -> ResourceId | None:
        text = self.text(key)
        return self._read(key, lambda: ResourceId.parse(text)) if text else None

    def moment(self, key: str, now: datetime) -> datetime | None:
        text = self.text(key)
        return self._read(key, lambda: moment(text, now)) if text else None

    def window(self, since: datetime, until: datetime, longest: timedelta) -> None:
        """Refuse a window that is empty or too long."""
        if since >= until:
            self.wrong("since", "must be before until")
        elif until - since > longest:
            self.wrong("since", f"the window is longer than {longest.days} days")

    def finish(self) -> None:
        if self.mistakes:
            raise InputError(self.mistakes)

    def _read[T](self, key: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InputError as error:
            self.wrong(key, str(error))
            return None
