"""Whose doing something is: what an event says of who changed something, with what, and when.

That a change was made by somebody, and that it is the one which opened or ended a finding, are two things: an
event may be old, replayed, or about something else. So a deed is named as a cause only where its time allows
it, and "unknown" is said where it does not.
"""

from datetime import datetime

import msgspec

OPEN_NOTHING = (
    "microsoft.resources/tags/",
    "microsoft.resources/subscriptions/resourcegroups/write",
    "microsoft.authorization/locks/",
    "microsoft.authorization/policyexemptions/",
)
"""How operations begin that bring a look and let nobody in: on tags, of a group too, locks and exemptions."""


class Deed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One change as its event tells it; without an actor and a time nobody knows whose it was."""

    actor: dict[str, str] = {}
    operation: str = ""
    event_time: datetime | None = None
    correlation_id: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.actor) or self.event_time is not None

    @property
    def opens_nothing(self) -> bool:
        return self.operation.lower().startswith(OPEN_NOTHING)

    def is_same_as(self, other: "Deed") -> bool:
        """Whether both are one and the same change."""
        return self.event_time == other.event_time and self.actor == other.actor

    @property
    def unnamed(self) -> "Deed":
        """The same for somebody who only wants to follow the trace: it caused nothing that is told."""
        return Deed(correlation_id=self.correlation_id)


NOBODY = Deed()


def cause(deed: Deed, since: datetime | None) -> Deed:
    """A deed as the cause of what was not there at `since`; without a name where it happened before.

    One without a time of its own is taken at its word.
    """
    if since is None or deed.event_time is None or deed.event_time >= since:
        return deed
    return deed.unnamed


def opener(deed: Deed, since: datetime | None) -> Deed:
    """The same for what opened a finding."""
    return deed.unnamed if deed.opens_nothing else cause(deed, since)
