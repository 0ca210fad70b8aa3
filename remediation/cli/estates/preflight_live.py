"""A change laid over what a subscription holds now.

What is there is judged live first, which reads what the rules ask for. A change may make them ask for more:
that is read, and the change laid over all of it once more.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from remediation.baseline import Baseline
from remediation.cli.estates.inputs import connect
from remediation.cli.estates.preflight_inputs import Input
from remediation.cli.estates.scan_live import Live
from remediation.cli.output.progress import Progress
from remediation.errors import PermanentError
from remediation.estates.deployments.overlay import Laid
from remediation.estates.deployments.preflight import Preflight, preflight
from remediation.estates.estate import Estate
from remediation.estates.files import OWN_KEY, EstateFile
from remediation.estates.scanning import scan
from remediation.model import Listing, Resource
from remediation.resource_id import ResourceId
from remediation.rules import judged_types

MOST_ROUNDS = 4


def over_subscription(
    subscription: str, asked: Input, standard: Baseline, now: datetime, progress: Progress
) -> Preflight:
    """Judge a change over a subscription; raises InputError where it cannot be read at all."""
    live = connect(subscription, progress.say)
    subjects = live.subjects(judged_types())
    progress.begin(len(subjects))
    scan(live, subjects, standard, now, progress.tick)
    live.read_leads()
    for _ in range(MOST_ROUNDS):
        known = live.asked
        result = preflight(
            [_exported(live, subscription)],
            asked.prediction,
            asked.target,
            standard,
            now,
            reading=lambda estate, laid: _Asking(estate, laid, live),
        )
        if live.asked == known:
            break
    return result


def _exported(live: Live, subscription: str) -> EstateFile:
    export = live.export()
    return EstateFile(f"subscription {subscription}", export["value"], facts=export[OWN_KEY])


class _Asking:
    """An estate that has what it lacks read, for the next round; of what is new there is nothing to read."""

    def __init__(self, estate: Estate, laid: Laid, live: Live) -> None:
        self._estate = estate
        self._changed = laid.changed
        self._unread = {identity.lower() for identity in laid.unread}
        self._live = live

    def get(self, resource: ResourceId) -> Resource | None:
        try:
            return self._estate.get(resource)
        except PermanentError:
            if self._is_new(resource):
                raise
            return self._live.get(resource)

    def list(self, listing: Listing) -> Sequence[Resource]:
        if not self._is_new(ResourceId.parse(listing.scope)):
            with suppress(PermanentError):
                self._live.list(listing)
        return self._estate.list(listing)

    def _is_new(self, resource: ResourceId) -> bool:
        at: ResourceId | None = resource
        while at is not None:
            if at.key in self._changed or at.key in self._unread:
                return True
            at = at.parent or at.extended
        return False
