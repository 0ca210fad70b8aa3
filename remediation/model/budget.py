"""The budget of writes an hour, and how it is shared: nobody can use it up for everybody.

A resource group takes at most half of what others have left of it, since whoever may write a group can fill
it with openings. What certainly ends no way in (nobody arrives, or it cannot be told) takes at most half of
what the rest has left, so that junk attached to nothing never keeps a repair from a port that somebody
reaches. Halves of what is left, and not of the whole: two floods together would use that up.

A repair is begun when all of its writes fit, and they are taken together: two repairs that share an hour
would otherwise both stop half-way, with both holes open. Who has not had its half yet may go beyond it for
that, up to three quarters. A repair for which no hour has room goes on hour by hour, in what its half leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from remediation.model.findings import Fix

YIELDS_FOR = timedelta(minutes=5)
"""In a new hour what yields begins so much later than the rest."""


@dataclass(frozen=True, slots=True)
class Share:
    """Whose part of the budget a repair takes: its resource group's, and that of what `yields`.

    `writes` is what it takes to end.
    """

    group: str
    yields: bool
    writes: int = 1

    def begins_after(self, now: datetime) -> datetime:
        """When what was held back in this hour may be tried again."""
        hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return hour + YIELDS_FOR if self.yields else hour


def share_of(fix: Fix) -> Share:
    """The share that a fix takes. It yields unless ways in to machines end with it."""
    written = fix.writes[0].id
    group = f"{written.subscription}/{written.resource_group}".lower()
    return Share(group, not fix.closes, len(fix.writes))


@dataclass(frozen=True, slots=True)
class Spent:
    """What was written in an hour: in all, by resource group, and of what yields."""

    writes: int = 0
    groups: Mapping[str, int] = field(default_factory=dict)
    yielding: int = 0

    def grants(self, cap: int, share: Share) -> int:
        """How many writes a repair may take now: all of its own, or none.

        One for which no hour has room takes what is left.
        """
        taken = self._taken(share)
        if self.writes >= cap or any(self._has_its_half(each, cap) for each in taken):
            return 0
        left = cap - self.writes
        if share.writes > _most(cap):
            return min(left, *(self._half(each, cap) - each for each in taken))
        most = [_most(cap - self.writes + each) - each for each in taken]
        return share.writes if share.writes <= min(left, *most) else 0

    def used_up(self, cap: int, share: Share) -> str | None:
        """Why a repair must wait, to follow *the budget of ... writes an hour*; None if it need not."""
        if self.grants(cap, share):
            return None
        name, halves = share.group.partition("/")[2], "which takes at most half of what others leave"
        if self.writes >= cap:
            return "is used up"
        if self._has_its_half(self.groups.get(share.group, 0), cap):
            return f"is used up for resource group {name}, {halves}"
        if share.yields and self._has_its_half(self.yielding, cap):
            return f"is used up for what ends no way in, {halves}"
        return f"has no room left for a repair of {share.writes} writes, which is begun when all of them fit"

    def plus(self, share: Share, writes: int = 1) -> "Spent":
        """The same with so many writes more."""
        groups = {**self.groups, share.group: self.groups.get(share.group, 0) + writes}
        return Spent(self.writes + writes, groups, self.yielding + (writes if share.yields else 0))

    def _taken(self, share: Share) -> list[int]:
        """What was taken of each part that a repair takes of."""
        return [self.groups.get(share.group, 0), *([self.yielding] if share.yields else [])]

    def _has_its_half(self, taken: int, cap: int) -> bool:
        return taken >= self._half(taken, cap)

    def _half(self, taken: int, cap: int) -> int:
        """Half of what the others have left to who took so many; one write is nobody's half."""
        return max(1, (cap - self.writes + taken) // 2)


def _most(left: int) -> int:
    """What one repair may take of an hour, or of what others left of it: three quarters."""
    return left - left // 4
