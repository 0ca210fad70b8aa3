"""What a judgement may ask."""

from collections.abc import Sequence
from typing import Protocol

from remediation.model import Listing, Resource
from remediation.resource_id import ResourceId


class Reads(Protocol):
    """The reading half of a Cloud; an estate file answers it as well."""

    def get(self, resource: ResourceId) -> Resource | None: ...

    def list(self, listing: Listing) -> Sequence[Resource]: ...
