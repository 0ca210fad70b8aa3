"""Where the tags of a resource come from when a baseline is explained: estate files, or nowhere."""

from collections.abc import Sequence

from remediation.errors import PermanentError
from remediation.model import Resource
from remediation.resource_id import ResourceId


class Documents:
    """Files that hold resources, as the reader of tags asks them."""

    def __init__(self, paths: Sequence[str]) -> None:
        from remediation.estates.contents import sort_out
        from remediation.estates.files import read_all

        self._contents = sort_out(read_all(paths))

    def get(self, resource: ResourceId) -> Resource | None:
        """The resource; raises PermanentError where the files do not have it."""
        found = self._contents.parent(resource.key)
        if found is None:
            raise PermanentError("it is not in the files")
        return found
