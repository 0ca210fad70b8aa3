"""An answer, or the problem that each kind of error is.

No answer holds a secret or a stack trace; what was not foreseen is the platform's bare 500.
"""

from collections.abc import Callable

from remediation.app.answers import Answer, problem
from remediation.app.health import without_values
from remediation.errors import (
    BastionGuardError,
    ConfigurationError,
    ForbiddenError,
    InputError,
    ThrottledError,
    TransientError,
)

TRY_LATER = 10.0
"""Seconds, where nobody says when to come back."""


def answered(title: str, answer: Callable[[], Answer]) -> Answer:
    """The answer, or the problem that each kind of error is; `title` heads the mistakes of the caller."""
    try:
        return answer()
    except ConfigurationError as error:
        return problem(503, "not configured", without_values(error.mistakes))
    except InputError as error:
        return problem(400, title, error.mistakes)
    except ForbiddenError as error:
        return problem(403, "not permitted", [str(error)])
    except ThrottledError as error:
        return later(f"wait a moment: {error}", error.retry_after)
    except TransientError as error:
        seconds = {"Retry-After": str(round(error.retry_after or TRY_LATER))}
        return problem(503, "not now", [str(error)], seconds)
    except BastionGuardError as error:
        return problem(502, "Azure refused", [str(error)])


def later(why: str, seconds: float | None) -> Answer:
    """Asks to come back."""
    return problem(429, "too many requests", [why], {"Retry-After": str(round(seconds or TRY_LATER))})
