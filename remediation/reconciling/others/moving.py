"""Finds a resource that was moved to another group: its old id is gone, and it is as it was under a new one.

ARM gives a resource a GUID for life, which its documents carry. Where the one that we remember stands on a
resource of the same type and name, it is the same resource; a name alone proves nothing.
"""

import logging

from remediation.errors import PermanentError
from remediation.model import Listing, Snapshot
from remediation.ports import Cloud
from remediation.resource_id import ResourceId

log = logging.getLogger("bastion_guard.reconcile")


class Mover:
    """Says where a resource went."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def whereabouts(self, gone: ResourceId, guid: str) -> ResourceId | None:
        """The id that a resource has now; None where it is gone for good, or nobody can tell.

        One list of ARM; raises TransientError.
        """
        if not guid or gone.parent is not None:
            return None
        try:
            listed = self._cloud.list(Listing(gone.type, f"/subscriptions/{gone.subscription}"))
        except PermanentError as error:
            log.warning("move.untold", extra={"target": gone.text, "reason": str(error)})
            return None
        here = (one.id for one in listed if one.at("properties", "resourceGuid") == guid and one.id != gone)
        return next(here, None)


def guid_of(snapshot: Snapshot | None) -> str:
    """The GUID for life of what was read; "" where it has none."""
    guid = None if snapshot is None else snapshot.subject.at("properties", "resourceGuid")
    return guid if isinstance(guid, str) else ""
