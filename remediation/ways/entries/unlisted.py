"""Entries of a kind that may exist unseen, because a list of them was not read."""

from collections.abc import Iterator

from remediation.resource_id import ResourceId
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.way import Kind


def unlisted(kind: Kind, listed: str, target: Target, around: Landscape) -> Iterator[Lead]:
    """A lead in doubt for each list of a type that was not read; it stands on the target's subscription."""
    for reason in around.all_of(listed, target.network).doubts if target.network is not None else ():
        scope = ResourceId.parse(f"/subscriptions/{target.id.subscription}")
        yield Lead(kind, scope, None, target.family, doubt=f"others may lead here: {reason}")
