"""What a principal is permitted on a scope: by the role assignments that stand in the lab, there and above.

Membership of groups, conditions and deny assignments are not known here.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, NamedTuple

from lab.arm.facts.roles import BUILT_IN
from lab.arm.kinds.authorization import ASSIGNMENT_KIND, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lab.arm.documents.store import Store

_BUILT_IN = {guid: (actions, excepted) for _, guid, actions, excepted, _ in BUILT_IN}


class Grant(NamedTuple):
    """One permission of a role: its actions, but those that are excepted."""

    actions: Sequence[str]
    excepted: Sequence[str] = ()


def grants(store: Store, principal: str, target: str) -> list[Grant]:
    """The permissions that assignments on a target and above it give a principal (an object id)."""
    held = listed(store, ASSIGNMENT_KIND, target, f"atScope() and assignedTo('{principal}')")
    return [
        grant
        for record in held
        for grant in _permissions(store, str(record.doc["properties"].get("roleDefinitionId") or ""))
    ]


def permits(actions: Sequence[str], action: str) -> bool:
    """Whether one of the actions of a role covers an action."""
    return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in actions)


def permitted(granted: Iterable[Grant], action: str) -> bool:
    """Whether one of the permissions covers an action; what one excepts, another may give."""
    return any(permits(grant.actions, action) and not permits(grant.excepted, action) for grant in granted)


def _permissions(store: Store, definition: str) -> Iterator[Grant]:
    """Those of a role definition; none where it is not there any more."""
    record = store.get(definition)
    if record is not None:
        for each in record.doc["properties"].get("permissions") or ():
            yield Grant(each.get("actions") or (), each.get("notActions") or ())
    elif (name := definition.rpartition("/")[2].lower()) in _BUILT_IN:
        yield Grant(*_BUILT_IN[name])
