"""Documents as far as they were read: a snapshot is a view, and so is a whole estate.

Asked with these, what was not read is raised as UndecidedError, as a snapshot itself does.
"""

from collections.abc import Sequence

from remediation.model import Resource, UndecidedError, Unread, View
from remediation.resource_id import ResourceId


def existing(view: View, identity: ResourceId, what: str) -> Resource:
    """A document that has to be there; raises UndecidedError where it is not, or was not read."""
    found = view.get(identity)
    if isinstance(found, Unread):
        raise UndecidedError(found.reason)
    if found is None:
        raise UndecidedError(f"{what} {identity.text} does not exist")
    return found


def need_list(view: View, kind: str, scope: ResourceId | str) -> Sequence[Resource]:
    """A list; raises UndecidedError where it was not read."""
    found = view.listed(kind, scope)
    if isinstance(found, Unread):
        raise UndecidedError(found.reason)
    return found


def listed_if_read(view: View, kind: str, scope: ResourceId | str) -> Sequence[Resource]:
    """A list, empty where it was not read: only where somebody else raises the doubt."""
    found = view.listed(kind, scope)
    return () if isinstance(found, Unread) else found
