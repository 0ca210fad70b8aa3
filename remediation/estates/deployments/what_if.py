"""What Azure says a deployment would change: `az deployment group what-if --no-pretty-print`, or REST's form.

Every change comes with the resource before and after it. What the deployment leaves alone is there as well,
so that a result is an estate by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remediation.errors import InputError
from remediation.estates.deployments.prediction import Document, Origin, Prediction
from remediation.estates.deployments.snapshot import lines_of_ids
from remediation.model import copied

_GONE = frozenset({"delete"})
_STAYS = frozenset({"ignore", "nochange", "noeffect"})
_COMES = frozenset({"create", "modify", "deploy"})
_MOST_ADDED = 1000


def is_what_if(document: Any) -> bool:
    return _changes(document) is not None


def _changes(document: Any) -> list[Any] | None:
    inside = document.get("properties") if isinstance(document, Mapping) else None
    for holder in (document, inside):
        found = holder.get("changes") if isinstance(holder, Mapping) else None
        if isinstance(found, list):
            return found
    return None


def read_what_if(path: str, text: str, document: Any) -> Prediction:
    """Raises InputError where the document is no result, or says that Azure could not tell."""
    changes = _changes(document)
    failed = document.get("error") if isinstance(document, Mapping) else None
    if isinstance(failed, Mapping) and failed:
        raise InputError(
            f"{path}: Azure could not tell what changes: {failed.get('code')}: {failed.get('message')}"
        )
    if changes is None:
        raise InputError(f"{path}: not a what-if result: no `changes`; add --no-pretty-print")
    found = Prediction()
    doubtful: dict[str, str] = {}
    lines = lines_of_ids(text)
    for number, change in enumerate(changes):
        where = f"changes/{number}"
        identity = change.get("resourceId") if isinstance(change, Mapping) else None
        if not isinstance(identity, str) or not identity.startswith("/"):
            found.doubts.append((where, "it names no resource"))
            continue
        found.origins[identity.lower()] = Origin(path, lines.get(identity.lower()), where)
        _take(found, doubtful, identity, change)
    for change in _potential(document):
        doubtful[str(change.get("resourceId"))] = "Azure says that it may change, or may not"
    found.doubtful = doubtful
    found.doubts += doubtful.items()
    return found


def _potential(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    inside = document.get("properties")
    for holder in (document, inside):
        told = holder.get("potentialChanges") if isinstance(holder, Mapping) else None
        for one in told if isinstance(told, list) else ():
            if isinstance(one, Mapping) and str(one.get("resourceId", "")).startswith("/"):
                yield one


def _take(found: Prediction, doubtful: dict[str, str], identity: str, change: Mapping[str, Any]) -> None:
    kind = str(change.get("changeType", "")).lower()
    before, after = (_document(change.get(side), identity) for side in ("before", "after"))
    if before is not None:
        found.before.append(before)
    if kind in _GONE:
        found.removed.append(identity)
    elif kind in _STAYS:
        if before is None and after is not None:
            found.before.append(after)
    elif kind in _COMES:
        whole = after if after is not None else _changed(before, change.get("delta"))
        if whole is None:
            doubtful[identity] = "the result does not say what it will be; ask for FullResourcePayloads"
        else:
            found.resources.append(whole)
    else:
        reason = change.get("unsupportedReason") or f"Azure answers {change.get('changeType')}"
        doubtful[identity] = f"what becomes of it is not known: {reason}"


def _document(side: Any, identity: str) -> Document | None:
    if not isinstance(side, dict) or not side:
        return None
    return {**side, "id": identity, "name": identity.rpartition("/")[2]}


def _changed(before: Document | None, delta: Any) -> Document | None:
    """The document after the changes of its properties, for results that show nothing else."""
    if before is None or not isinstance(delta, list):
        return None
    after = copied(before)
    _within(after, delta)
    return after


def _apply(holder: Any, path: Sequence[str], change: Mapping[str, Any]) -> None:
    """Make one change, in place; one of an array is made of changes of its elements."""
    key = _key(holder, path[0])
    if key is None:
        return
    if len(path) > 1:
        inner = holder[key] if isinstance(holder, list) else holder.setdefault(key, {})
        _apply(inner, path[1:], change)
        return
    kind, children = str(change.get("propertyChangeType", "")).lower(), change.get("children")
    if kind == "array":
        if isinstance(holder, dict):
            holder.setdefault(key, [])
        _within(holder[key], children)
        if isinstance(holder[key], list):
            holder[key][:] = [one for one in holder[key] if one is not None]
    elif kind == "delete":
        holder[key] = None  # taken out when all of the array is made
        if isinstance(holder, dict):
            del holder[key]
    elif kind in {"create", "modify"} and children:
        _within(holder[key] if isinstance(holder, list) else holder.setdefault(key, {}), children)
    elif kind in {"create", "modify"}:
        holder[key] = change.get("after")


def _within(holder: Any, changes: Any) -> None:
    for change in changes if isinstance(changes, list) else ():
        if isinstance(change, Mapping):
            _apply(holder, str(change.get("path", "")).split("."), change)


def _key(holder: Any, step: str) -> Any:
    """A step of a path as a key of what it leads into; None where it leads nowhere. A list grows for it."""
    if isinstance(holder, dict):
        return step
    if not isinstance(holder, list) or not step.isdigit():
        return None
    at = int(step)
    if at >= len(holder) + _MOST_ADDED:
        return None
    holder += [None] * (at + 1 - len(holder))
    return at
