"""Whose word about a resource is in force, and whether it is still fresh."""

from datetime import UTC, datetime, timedelta

from remediation.declared.declaration import Declaration

_NEVER = datetime.min.replace(tzinfo=UTC)


def in_force(one: Declaration, other: Declaration) -> Declaration:
    """The younger word of two about the same resource; of two of the same moment the second.

    A word without a moment is older than any with one.
    """
    return one if _moment(one) > _moment(other) else other


def is_stale(declaration: Declaration, now: datetime, days: int) -> bool:
    """Whether nobody renewed a declaration for so long that it only alerts; never with `days` 0."""
    return bool(days) and now - _moment(declaration) > timedelta(days=days)


def _moment(declaration: Declaration) -> datetime:
    return declaration.source.at or _NEVER
