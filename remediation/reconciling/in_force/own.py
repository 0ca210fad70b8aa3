"""Names of news about the app itself; ARM has no such resources, and nobody looks at them."""

from collections.abc import Collection

from remediation.resource_id import ResourceId

SETTINGS = "BastionGuard.Settings"
BASELINE = f"providers/{SETTINGS}/baselines/current"


def is_own(resource: ResourceId) -> bool:
    """Whether an id is one of ours: told of, and neither swept nor judged nor written."""
    return resource.type.startswith(f"{SETTINGS.lower()}/")


def the_baseline(subscriptions: Collection[str]) -> ResourceId:
    """What news about the baseline are about; of several subscriptions the first by name stands for all."""
    return ResourceId.parse(f"/subscriptions/{min(subscriptions)}/{BASELINE}")
