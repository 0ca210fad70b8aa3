"""The budget of writes an hour, and how it is shared: nobody can use it up for everybody.

A resource group takes at most half of what others have left of it, since whoever may write a group can fill
it with openings. What certainly ends no way in (nobody arrives, or it cannot be told) takes at most half of
what the rest has left, so that junk attached to nothing never keeps a repair from a port that somebody
reaches. Halves of what is left, and not of the whole: two floods together would use that up.
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
        if self.writes >= cap:
            return ""
        if self._has_its_half(self.groups.get(share.group, 0), cap):
            name = share.group.partition("/")[2]
            return f" for resource group {name}, which takes at most half of what others leave"
        if share.yields and self._has_its_half(self.yielding, cap):
            return " for what ends no way in, which takes at most half of what others leave"
        return None

    def _has_its_half(self, taken: int, cap: int) -> bool:
        """Whether who took so many has half of what the others have left; one write is nobody's half."""
        others = self.writes - taken
        return taken >= max(1, (cap - others) // 2)

    def plus(self, share: Share) -> "Spent":
        """The same with one write more."""
        groups = {**self.groups, share.group: self.groups.get(share.group, 0) + 1}
        return Spent(self.writes + 1, groups, self.yielding + share.yields)
