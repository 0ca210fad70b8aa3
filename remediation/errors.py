"""Every error this product raises on purpose.

    BastionGuardError
    |-- InputError               a person's input cannot be used; exit 2, HTTP 400; names every mistake
    |   |-- NothingShownError    a subscription that is not there, or shows nothing to its caller; exit 3
    |   |-- InvalidResourceId    not the id of an ARM resource, or a hostile one
    |   |   `-- NoResourceId       a part of Azure that is no resource: nothing of ours, and nothing wrong
    |   |-- SignedOutError       nobody is signed in at this desk; exit 2
    |   `-- ConfigurationError   settings or baseline are wrong; health says 503
    |       `-- UnreachableError the baseline's place does not answer now; what it holds is not known
    |-- TransientError           will pass by itself: hand the message on with a delay
    |   |-- ConflictError        it moved under us: read and decide again
    |   |-- ThrottledError       ARM asked everybody to wait; shared through the ledger
    |   |-- UnfinishedError      something was done and more is left: go on, that is no failed try
    |   |-- StillOwedError       a channel is down, others go on: what was to be told is kept
    |   |-- LeaseLostError       another worker holds the claim now: stop before writing
    |   `-- NotInForceError      what we judged by holds no more: judge again by what does
    `-- PermanentError           no further try will help: record, announce, return
        |-- ForbiddenError       401 or 403: what we may not read is unknown, never compliant
        |-- UnreadableError      a record of the ledger that cannot be read stops what needs it, nothing else
        `-- TooLargeError        more than a record of the ledger can hold: cut it, or leave it

Adapters map foreign errors onto this tree; nothing above them knows an SDK's exceptions. Whatever is
not in this tree is unforeseen and may end in the poison queue, from where it can be replayed.
"""

import math
from collections.abc import Iterable
from typing import Self

from remediation.plain import clipped, plain

LONGEST_PATH, LONGEST_KIND = 200, 300


class Mistake(str):
    """A line for whoever made the mistake, which may quote the value that is wrong.

    `path` says where and `kind` what is wrong with it; neither holds a value, which may be a secret that
    was put into the wrong place. They are what is told to others than the one who wrote it.
    """

    __slots__ = ("kind", "path")
    path: str
    kind: str

    def __new__(cls, text: str, path: str, kind: str) -> Self:
        line = super().__new__(cls, text)
        line.path, line.kind = path, kind
        return line

    @classmethod
    def at(cls, path: str, kind: str, value: str = "") -> "Mistake":
        """`value` is what is wrong, already fit to be shown."""
        path, kind = clipped(plain(path), LONGEST_PATH), clipped(plain(kind), LONGEST_KIND)
        joint = ", not " if "must be " in kind else ": "
        return cls(f"{path}: {kind}{joint + value if value else ''}", path, kind)

    @classmethod
    def of_settings(cls, text: str) -> "Mistake":
        """A line about settings that holds no value at all."""
        return cls(text, "settings", text)

    def inside(self, document: str) -> "Mistake":
        """The same in a baseline, its line led by the name of the document."""
        line = f"{clipped(plain(document), LONGEST_PATH)}: {self}"
        return Mistake(line, f"baseline: {self.path}", self.kind)


LONGEST_WAIT = 900.0
"""Seconds. No service is waited for longer at a time, whatever it asks for: then it is asked again."""


def bounded_wait(seconds: float | None) -> float | None:
    """What a service asked for, at most `LONGEST_WAIT`; None for what is no number of seconds."""
    if seconds is None or not math.isfinite(seconds):
        return None
    return min(max(0.0, seconds), LONGEST_WAIT)


class BastionGuardError(Exception):
    """Root of everything raised on purpose."""


class InputError(BastionGuardError):
    """A person's input cannot be used. `mistakes` holds one clear line for each thing that is wrong."""

    def __init__(self, mistakes: str | Iterable[str]) -> None:
        self.mistakes: tuple[str, ...] = (mistakes,) if isinstance(mistakes, str) else tuple(mistakes)
        super().__init__("; ".join(self.mistakes))


class NothingShownError(InputError):
    """There is nothing to look at: no such subscription, or none of it may be seen."""


class SignedOutError(InputError):
    """Nobody is signed in to Azure at this desk: nothing can be asked, and trying again is of no use."""


class InvalidResourceId(InputError):  # noqa: N818  the name says what the thing is
    """The text is not the id of an ARM resource."""


class NoResourceId(InvalidResourceId):
    """It names a part of Azure that is no resource: a provider, the name of a tag, a list."""


class ConfigurationError(InputError):
    """Settings or baseline cannot be used; `mistakes` lists all of them at once."""


class UnreachableError(ConfigurationError):
    """The place of the baseline does not answer; whether the baseline is good, nobody knows."""


class TransientError(BastionGuardError):
    """The same call may succeed later. `retry_after` is what the service asked for, in seconds, bounded."""

    def __init__(self, message: str, *, retry_after: float | None = None, code: str = "") -> None:
        self.retry_after = bounded_wait(retry_after)
        self.code = code
        super().__init__(message)


class ConflictError(TransientError):
    """The resource changed between read and write, or another operation is running on it."""


class ThrottledError(TransientError):
    """ARM answered 429; nobody should call the same (subscription, region, kind) before `retry_after`."""


class UnfinishedError(TransientError):
    """Work went on as planned and there is more of it than one invocation does."""


class StillOwedError(TransientError):
    """A channel is down. What was to be told is owed to it; nobody need wait or try again for that."""


class LeaseLostError(TransientError):
    """Our claim on the target is no longer ours; nothing may be written."""


class NotInForceError(TransientError):
    """The baseline that something was judged by is not in force any more; nothing may be written by it."""


NOBODY_ASKED = "NotExported"
"""Code of the refusal of what nobody exports unless asked to: unread like any other, but not worth a word."""


class PermanentError(BastionGuardError):
    """No further try will help. `code` is ARM's error code, for example RequestDisallowedByPolicy."""

    def __init__(self, message: str, *, code: str = "") -> None:
        self.code = code
        super().__init__(message)


class ForbiddenError(PermanentError):
    """ARM refused to show or change the resource (401, 403)."""


NEWER = "a later release wrote it"
"""How the reason begins where a record is no damage, but an earlier release runs again."""


class UnreadableError(PermanentError):
    """A record of the ledger is damaged, or `newer`: a later release wrote it. It is left as it is."""

    def __init__(self, partition: str, key: str, why: str, *, newer: bool = False) -> None:
        self.partition = partition
        self.key = key
        self.why = why
        self.newer = newer
        super().__init__(f"the ledger's record {partition}/{key} cannot be read: {why}")


class TooLargeError(PermanentError):
    """A value is larger than a record of the ledger can hold; nothing was written."""
