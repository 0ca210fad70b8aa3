"""What is kept of what was declared: the word that stands, and the deployment that is under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from remediation.resource_id import ResourceId


class UnderWay(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A deployment that has written a resource, until it has ended.

    `deployment` is its correlation id, `by` the deployer's id and `who` its name as events have it. `written`
    is the time of its last write as its event tells it, `since` the moment on our clock by which that was
    certainly made, `heard` when we heard of it. `whole`: the resource itself was written, not only
    `children` of it (``array/name``, lower case). `read` is the start of the look that has seen all of that;
    None while none has.
    """

    deployment: str
    by: str
    who: str
    written: datetime
    since: datetime
    heard: datetime
    whole: bool = False
    children: list[str] = []
    read: datetime | None = None


class DeclarationRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What is declared of a resource, by when it was kept.

    `declaration` is None where nobody's word stands. Of a deployment's word `kept` is the start of the look
    or round that saw its document, and `read` the moment by which that had been read. `foreign` is the time
    of the last write by somebody who is no deployer; that document has none in it that is not after `clean`.
    `doubt` is the time of one that may be in it, whatever came later. `confirmed`: ARM's own log knows of the
    deployment's write.
    """

    id: str = ""
    declaration: dict[str, Any] | None = None
    kept: datetime
    read: datetime | None = None
    under_way: UnderWay | None = None
    foreign: datetime | None = None
    clean: datetime | None = None
    doubt: datetime | None = None
    confirmed: bool = False

    @property
    def speaks(self) -> bool:
        """Whether a word stands, or is on its way."""
        return self.declaration is not None or self.under_way is not None

    @property
    def is_doubtful(self) -> bool:
        """Whether somebody's write may stand in what was read as the word of a deployment."""
        return self.doubt is not None or (self.foreign is not None and self.foreign != self.clean)


@dataclass(frozen=True, slots=True)
class ToSweep:
    """What a sweep compares since it was declared.

    `alone` is looked at for its declaration's sake alone, with its record. `hosts` are targets of which a
    diagnostic setting was declared: their own versions do not tell of it. `targets` are all others of which
    anything was declared, hosts among them: no list has one that is gone.
    """

    alone: Mapping[ResourceId, DeclarationRecord] = field(default_factory=dict)
    hosts: frozenset[ResourceId] = frozenset()
    targets: frozenset[ResourceId] = frozenset()


NOTHING_TO_SWEEP = ToSweep()
