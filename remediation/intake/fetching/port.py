"""What reads the activity log; an adapter of it speaks to ARM, the one of tests holds records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class LogPage:
    """One answer of the log: records as the service wrote them, and the moment it answered, by its clock.

    The latest record comes first; nothing is promised of the order of records that came late. `at` is None
    where the service told no time.
    """

    records: Sequence[Mapping[str, Any]]
    at: datetime | None = None


class ChangeLog(Protocol):
    """ARM's own record of what was changed."""

    def pages(self, subscription: str, since: datetime, until: datetime | None) -> Iterable[LogPage]:
        """The records with since <= time (<= until), a page at a time, each asked for when it is wanted.

        Raises ForbiddenError, ThrottledError, TransientError, PermanentError.
        """
        ...
