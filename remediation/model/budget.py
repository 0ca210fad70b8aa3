"""The budget of writes an hour, and how it is shared: nobody can use it up for everybody.

A resource group takes at most half of it, since whoever may write a group can fill it with openings. What
certainly ends no way in (nobody arrives, or it cannot be told) takes at most half of it too, so that junk
attached to nothing never keeps a repair from a port that somebody reaches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from remediation.model.findings import Fix

YIELDS_FOR = timedelta(minutes=5)
"""In a new hour what yields begins so much later than the rest."""


@dataclass(frozen=True, slots=True)
class Share:
    """Whose part of the budget a write takes: its resource group's, and that of what `yields`."""

    group: str
    yields: bool

    def begins_after(self, now: datetime) -> datetime:
        """When what was held back in this hour may be tried again."""
        hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return hour + YIELDS_FOR if self.yields else hour


def share_of(fix: Fix) -> Share:
    """The share that the next write of a fix takes. It yields unless ways in to machines end with it."""
    written = fix.writes[0].id
    return Share(f"{written.subscription}/{written.resource_group}".lower(), not fix.closes)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was written in an hour: in all, by resource group, and of what yields."""

    writes: int = 0
    groups: Mapping[str, int] = field(default_factory=dict)
    yielding: int = 0

    def used_up(self, cap: int, share: Share) -> str | None:
        """For whom the budget is used up, in words that follow *is used up*; None where a write is left."""
        most = max(1, cap // 2)
        if self.writes >= cap:
            return ""
        if self.groups.get(share.group, 0) >= most:
            return f" for resource group {share.group.partition('/')[2]}, which takes at most half of it"
        if share.yields and self.yielding >= most:
            return " for what ends no way in, which takes at most half of it"
        return None

    def plus(self, share: Share) -> "Spent":
        """The same with one write more."""
        groups = {**self.groups, share.group: self.groups.get(share.group, 0) + 1}
        return Spent(self.writes + 1, groups, self.yielding + share.yields)
