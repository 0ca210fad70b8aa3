"""The version of each kind of record that this release writes, and the newest that it reads.

Raise a number when records of that kind get a meaning that an earlier release would get wrong; a field more
with a default needs none. An earlier release then leaves them alone, skips them and names them in health.
"""

import re
from collections.abc import Mapping

VERSIONS: Mapping[str, int] = {
    "acted": 1,
    "baseline-changes": 1,
    "baseline-texts": 1,
    "budget": 1,
    "cards-owed": 1,
    "cards-sent": 1,
    "changed-neighbours": 1,
    "channel-posts": 1,
    "damaged": 1,
    "declared": 1,
    "declared-files": 1,
    "deployments": 1,
    "diary": 1,
    "exemptions": 1,
    "fetched": 1,
    "fetching": 1,
    "findings": 1,
    "heartbeat": 1,
    "held": 1,
    "in-force": 1,
    "inbox": 1,
    "marks": 1,
    "open": 1,
    "open-built": 1,
    "parts-down": 1,
    "pressure": 1,
    "readers": 1,
    "repairs": 1,
    "retention": 1,
    "rounds": 1,
    "set-aside": 1,
    "taken-in": 1,
    "targets": 1,
    "unreadable": 1,
    "writes": 1,
}
_PART = re.compile(r"-(?:\d{8}|undated|[0-9a-f]{32})$|@[0-9a-f]$")


def kind_of(partition: str) -> str:
    """The kind of the records in a partition: its name without the day, digest or shard that it ends with."""
    return _PART.sub("", partition)


def version_of(partition: str) -> int:
    """The version of the records in a partition; 1 for a kind that is not listed."""
    return VERSIONS.get(kind_of(partition), 1)
