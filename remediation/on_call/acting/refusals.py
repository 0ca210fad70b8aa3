"""Why what a person asked for was not done, as errors."""

from collections.abc import Sequence
from datetime import datetime

from remediation.errors import ConflictError, InputError, PermanentError
from remediation.on_call.listing.pages import Place


class UnheardOfError(InputError):
    """There is no finding, and no write, of this id."""


class ChangedSinceShownError(ConflictError):
    """It is not what was shown to whoever asked: `place` is what it is now."""

    def __init__(
        self, place: Place, why: str = "it has changed since it was shown: look at it again"
    ) -> None:
        self.place = place
        super().__init__(why)


class RefusedError(PermanentError):
    """A guard says no, `until` then where its end is known; `lines` say more."""

    def __init__(self, why: str, until: datetime | None = None, lines: Sequence[str] = ()) -> None:
        self.until = until
        self.lines = tuple(lines)
        super().__init__(why)


class BusyError(ConflictError):
    """Somebody is at it right now, or a write of it is running: the same may be asked in a moment."""
