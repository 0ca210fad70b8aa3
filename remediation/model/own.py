"""News about the app itself: the rules they stand under, their public keys, and what they are about.

They have the shape of findings, so that they are kept, told and reminded of as those are. No look opens or
ends one: ARM has no such resources.
"""

from collections.abc import Collection

from remediation.resource_id import ResourceId

SETTINGS = "BastionGuard.Settings"
BASELINE = f"providers/{SETTINGS}/baselines/current"

INVALID, STOPPED, CHANGED = "baseline-invalid", "writing-stopped", "baseline-changed"
"""No rules that a baseline could name."""
OWN_RULES = frozenset({INVALID, STOPPED, CHANGED})

HASH, MODE, SOURCE, CHANGE = "baseline", "mode", "source", "change"
DIFFERENCE, AHEAD = "difference", "repairsAhead"
"""Public keys of the evidence: what is in force now and where from, the entry of the history, its content."""


def is_own(resource: ResourceId) -> bool:
    """Whether an id is one of ours: told of, and neither swept nor judged nor written."""
    return resource.type.startswith(f"{SETTINGS.lower()}/")


def the_baseline(subscriptions: Collection[str]) -> ResourceId:
    """What news about the baseline are about; of several subscriptions the first by name stands for all."""
    return ResourceId.parse(f"/subscriptions/{min(subscriptions)}/{BASELINE}")
