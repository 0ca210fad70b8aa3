"""A Cloud that never asks outside the configured subscriptions, wherever an id came from.

A document may point into a subscription that nobody told us to watch. What lies there counts as not
permitted to read: unknown, never compliant, never written.
"""

from collections.abc import Sequence
from dataclasses import replace

from remediation.errors import ForbiddenError
from remediation.model import Listing, Resource, Write
from remediation.policy import Policy
from remediation.ports import Cloud, Operation, Ports, Progress
from remediation.resource_id import ResourceId


class Fenced:
    """Passes on what the policy covers and refuses everything else."""

    def __init__(self, cloud: Cloud, policy: Policy) -> None:
        self._cloud = cloud
        self._policy = policy

    def get(self, resource: ResourceId) -> Resource | None:
        self._within(resource)
        return self._cloud.get(resource)

    def list(self, listing: Listing) -> Sequence[Resource]:
        self._within(ResourceId.parse(listing.scope))
        return self._cloud.list(listing)

    def write(self, write: Write) -> Operation:
        self._within(write.id)
        return self._cloud.write(write)

    def poll(self, url: str) -> Progress:
        return self._cloud.poll(url)

    def _within(self, resource: ResourceId) -> None:
        if not self._policy.covers(resource):
            raise ForbiddenError(f"subscription {resource.subscription} is not one of SUBSCRIPTIONS")


def fenced(ports: Ports, policy: Policy) -> Ports:
    """The same ports, with the fence in front of the cloud."""
    return replace(ports, cloud=Fenced(ports.cloud, policy))
