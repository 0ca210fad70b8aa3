"""A change of what is in force, as a line of the history and as the lines of what is different in it."""

from remediation.ledger.decided.changes import Change

MOST_NAMED = 3


def sentence(change: Change) -> str:
    """As in ``mode observe -> enforce; limits.flapCount: 3 -> 9; from config/baseline.yaml``."""
    parts = [_mode(change), *_different(change), *change.mistakes]
    if change.reason:
        parts.append(change.reason)
    if change.source:
        parts.append(f"from {change.source}")
    return "; ".join(part for part in parts if part)


def _mode(change: Change) -> str:
    if change.mode_before and change.mode_before != change.mode:
        return f"mode {change.mode_before} -> {change.mode}"
    return f"mode {change.mode}"


def _different(change: Change) -> list[str]:
    told = [_text(value) for value in change.difference if value.get("path") != "mode"]
    left = len(told) - MOST_NAMED
    return told if left <= 0 else [*told[:MOST_NAMED], f"and {left} more values"]


def _text(value: dict[str, str]) -> str:
    return f"{value.get('path')}: {value.get('before')} -> {value.get('after')}"


def differing_lines(change: Change) -> list[str]:
    """Each value as it was and as it is, as a difference between documents is shown."""
    return [
        line
        for value in change.difference
        for line in (f"- {value['path']}: {value['before']}", f"+ {value['path']}: {value['after']}")
    ]
