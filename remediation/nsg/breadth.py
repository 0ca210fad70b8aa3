"""How much of the internet an exposure is: the step from a set of sources to a severity."""

from dataclasses import dataclass
from enum import StrEnum

from remediation.nsg.context import NSG_ALONE, Context
from remediation.nsg.spaces.addresses import GLOBAL_UNICAST_V6, V4_SPACE
from remediation.nsg.spaces.sets import Ranges, intersect, size, subtract


class Grade(StrEnum):
    NONE = "none"
    MEDIUM = "medium"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class BroadFrom:
    """From how many addresses on an exposure is critical: a /8's worth of IPv4, a /11's worth of IPv6."""

    ipv4_addresses: int = 2**24
    ipv6_addresses: int = 2**117  # 1/256 of 2000::/3


EVERYBODY = 4


def magnitude(sources: Ranges) -> int:
    """How much of a family a set of sources is at most, roughly: from 0 for an address to EVERYBODY."""
    shares = ((intersect(sources, family), family) for family in (V4_SPACE, GLOBAL_UNICAST_V6))
    return max(
        round(EVERYBODY * size(some).bit_length() / size(family).bit_length()) for some, family in shares
    )


def breadth(sources: Ranges, context: Context = NSG_ALONE, broad: BroadFrom | None = None) -> Grade:
    """Grade the public sources that are not approved, over all rules together."""
    limits = broad or BroadFrom()
    left = subtract(intersect(sources, context.public), context.approved_ranges)
    if not left:
        return Grade.NONE
    wide_v4 = size(intersect(left, V4_SPACE)) >= limits.ipv4_addresses
    wide_v6 = size(intersect(left, GLOBAL_UNICAST_V6)) >= limits.ipv6_addresses
    return Grade.CRITICAL if wide_v4 or wide_v6 else Grade.MEDIUM
