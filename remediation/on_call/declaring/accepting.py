"""What is there is declared from now on, because a person says so; until whoever deploys speaks again.

Only what differs is taken over: the rest stays declared by whom it was. Who accepts exempts from nothing:
what breaks the guidance is repaired as ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from remediation.baseline import Baseline
from remediation.declared.comparison import compare
from remediation.declared.declaration import Declaration, Source
from remediation.declared.deployed.left import subnets_of
from remediation.declared.difference import Difference
from remediation.declared.restoring import restored
from remediation.errors import InputError
from remediation.findings import FindingRecord
from remediation.kinds import SUBNET
from remediation.ledger.declaring.declarations import Declarations
from remediation.model import Resource
from remediation.plain import shown
from remediation.ports import Ports
from remediation.resource_id import ResourceId

REASON = "accepted"
"""Why a look is made: so that the end of the finding says who accepted what."""
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was taken over of a resource. `resource` is as ARM spells it."""

    resource: ResourceId
    differences: Sequence[Difference]

    @property
    def sentence(self) -> str:
        """What was done, and what follows from it."""
        paths = [one.path or "that it is gone" for one in self.differences]
        more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
        told = f"{', '.join(paths[:MOST_NAMED])}{more}"
        return (
            f"Declared from now on: {told}. The next deployment undoes it, unless its template says the same."
        )


class Accepter:
    """Declares what is there, in the name of `by`."""

    def __init__(self, ports: Ports, baseline: Baseline, by: str) -> None:
        self._ports = ports
        self._book = Declarations(ports.ledger)
        self._ignore = baseline.declared.ignore
        self._by = by

    def accept(self, finding: FindingRecord) -> Accepted:
        """Take over what differs now; whoever asks has it looked at, which ends the finding.

        Raises InputError where nothing differs any more, and what reading the resource raises.
        """
        resource = ResourceId.parse(finding.resource)
        declaration, live = self._declared(resource), self._ports.cloud.get(resource)
        differences = () if declaration is None else compare(declaration, live, self._ignore)
        if declaration is None or not differences:
            raise InputError(f"{shown(finding.resource)}: nothing of it differs from what is declared now")
        if live is None:
            self._book.forget(resource)
        else:
            now = self._ports.clock.now()
            self._book.keep(self._taken_over(declaration, live, differences), now)
        return Accepted(resource, differences)

    def _declared(self, resource: ResourceId) -> Declaration | None:
        """What is declared of a resource, by itself or by its network."""
        own = self._book.of(resource)
        if own is not None or resource.type != SUBNET or resource.parent is None:
            return own
        network = self._book.of(resource.parent)
        every = () if network is None else subnets_of(network)
        return next((one for one in every if one.id == resource), None)

    def _taken_over(
        self, declaration: Declaration, live: Resource, differences: Sequence[Difference]
    ) -> Declaration:
        """The declaration with what is there in place of what differs."""
        source = Source("accepted", f"what {self._by} accepted", self._ports.clock.now(), self._by)
        there = replace(declaration, document=dict(live.body))
        document = restored(Resource(declaration.id, declaration.document), there, differences).body
        return replace(declaration, document=dict(document), source=source)
