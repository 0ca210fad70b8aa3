"""Every error this product raises on purpose.

    BastionGuardError
    |-- InputError               a person's input cannot be used; exit 2, HTTP 400; names every mistake
    |   |-- InvalidResourceId    not the id of an ARM resource, or a hostile one
    |   `-- ConfigurationError   settings or baseline are wrong; health says 503
    |-- TransientError           will pass by itself: hand the message on with a delay
    |   |-- ConflictError        it moved under us: read and decide again
    |   |-- ThrottledError       ARM asked everybody to wait; shared through the ledger
    |   `-- LeaseLostError       another worker holds the claim now: stop before writing
    `-- PermanentError           no further try will help: record, announce, return
        `-- ForbiddenError       401 or 403: what we may not read is unknown, never compliant

Adapters map foreign errors onto this tree; nothing above them knows an SDK's exceptions. Whatever is
not in this tree is unforeseen and may end in the poison queue, from where it can be replayed.
"""

from collections.abc import Iterable


class BastionGuardError(Exception):
    """Root of everything raised on purpose."""


class InputError(BastionGuardError):
    """A person's input cannot be used. `mistakes` holds one clear line for each thing that is wrong."""

    def __init__(self, mistakes: str | Iterable[str]) -> None:
        self.mistakes: tuple[str, ...] = (mistakes,) if isinstance(mistakes, str) else tuple(mistakes)
        super().__init__("; ".join(self.mistakes))


class InvalidResourceId(InputError):  # noqa: N818  the name says what the thing is
    """The text is not the id of an ARM resource."""


class ConfigurationError(InputError):
    """Settings or baseline cannot be used; `mistakes` lists all of them at once."""


class TransientError(BastionGuardError):
    """The same call may succeed later. `retry_after` is what the service asked for, in seconds."""

    def __init__(self, message: str, *, retry_after: float | None = None, code: str = "") -> None:
        self.retry_after = retry_after
        self.code = code
        super().__init__(message)


class ConflictError(TransientError):
    """The resource changed between read and write, or another operation is running on it."""


class ThrottledError(TransientError):
    """ARM answered 429; nobody should call the same (subscription, region, kind) before `retry_after`."""


class LeaseLostError(TransientError):
    """Our claim on the target is no longer ours; nothing may be written."""


NOBODY_ASKED = "NotExported"
"""Code of the refusal of what nobody exports unless asked to: unread like any other, but not worth a word."""


class PermanentError(BastionGuardError):
    """No further try will help. `code` is ARM's error code, for example RequestDisallowedByPolicy."""

    def __init__(self, message: str, *, code: str = "") -> None:
        self.code = code
        super().__init__(message)


class ForbiddenError(PermanentError):
    """ARM refused to show or change the resource (401, 403)."""
