"""The id of a finding, and the etag that names what was shown of it.

An id is made of two digests, of the target whose look found it and of the finding's name: it fits into an
address and a file's name, tells nothing, and one read finds the record.
"""

import re

from remediation.findings import FindingRecord
from remediation.ledger.keys import short
from remediation.model.fitting import digest_of

_ID = re.compile(r"([0-9a-f]{32})-([0-9a-f]{32})")
LAST = "g"
"""Sorts behind every digit of an id."""


def id_of(target: str, name: str) -> str:
    """The id of a finding, by its target's id and its name among the target's findings."""
    return f"{short(target)}-{short(name)}"


def parts_of(identity: str) -> tuple[str, str] | None:
    """The two digests of an id, the first of which is the key of the target's record; None for no id."""
    found = _ID.fullmatch(identity.strip().lower())
    return None if found is None else (found[1], found[2])


def etag_of(record: FindingRecord) -> str:
    """Names what a person has seen: another one once the finding changed, or somebody acknowledged it."""
    by = record.acknowledged
    return short(str(record.seq), record.state, digest_of(record), by.get("objectId", ""), by.get("at", ""))
