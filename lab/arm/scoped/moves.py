"""Moving resources from one group to another, within a subscription: they keep all but their ids.

[?] Azure takes an operation of minutes, validates what depends on what, and locks both groups meanwhile; here
a move happens at once. What refers to a moved resource refers to it under its new id. One event tells of it,
about the group it left: no resource of either id is named.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from lab.arm import errors, ids
from lab.arm.calls import Answer, Call
from lab.arm.scoped.groups import GROUP_WRITE
from lab.arm.verbs.refusing import refuse_if_locked

if TYPE_CHECKING:
    from lab.arm.arm import Arm

ACTION = "/moveresources"


def is_move(call: Call) -> bool:
    return call.method == "POST" and call.path.text.lower().endswith(ACTION)


def move(arm: Arm, call: Call) -> Answer:
    """`POST {group}/moveResources` with ``{"resources": [id, ...], "targetResourceGroup": id}``."""
    call.checked_version()
    source, sent = ids.parse(call.path.text[: -len(ACTION)]), call.document()
    target = str(sent.get("targetResourceGroup") or "")
    for group in (source.text, target):
        if arm.store.get(group) is None:
            raise errors.group_not_found(group.rpartition("/")[2])
    moved = [str(each) for each in sent.get("resources") or []]
    for each in moved:
        if not ids.folded(each).startswith(f"{source.key}/") or arm.store.get(each) is None:
            raise errors.bad_request(f"{each} is no resource of {source.group}.", "ResourceMoveFailed")
        refuse_if_locked(arm, replace(call, path=ids.parse(each)), "delete")
    for each in moved:
        _renamed(arm, each, target + each[len(source.text) :])
    arm.publish(call, f"{GROUP_WRITE}/moveResources/action")
    return Answer(204)


def _renamed(arm: Arm, old: str, new: str) -> None:
    """Give a resource, what is below it and what refers to it in its subscription the new id."""
    pattern = re.compile(re.escape(old) + r'(?=[/"])', re.IGNORECASE)
    for record in arm.store.under(f"/subscriptions/{ids.parse(old).subscription}"):
        text = msgspec.json.encode(record.doc).decode()
        if pattern.search(text):
            if f"{record.key}/".startswith(f"{ids.folded(old)}/"):
                arm.store.remove(record.key)
            arm.store.put(msgspec.json.decode(pattern.sub(new, text)))
