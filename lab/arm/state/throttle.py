"""ARM's token buckets: per subscription, principal and kind of use, and fifteen times that per subscription.

The buckets always count, so that the headers are right; they refuse only when `throttling` is set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.arm.errors import throttled
from lab.arm.kinds.diagnostics import KIND as DIAGNOSTICS

if TYPE_CHECKING:
    from lab.arm.calls import Call
    from lab.arm.clock import Clock
    from lab.arm.settings import Settings

REMAINING = "x-ms-ratelimit-remaining-subscription-"
IN_TENANT = "x-ms-ratelimit-remaining-tenant-"  # [?] for what stands in no subscription
RESOURCE_REQUESTS = 149  # what the diagnostics provider reports instead, as recorded


@dataclass(slots=True)
class Bucket:
    """`level` tokens at time `at`, refilled steadily up to `size`."""

    size: float
    refill: float
    level: float
    at: float

    def settle(self, now: float) -> None:
        self.level = min(self.size, self.level + (now - self.at) * self.refill)
        self.at = now

    def wait(self) -> int:
        """Whole seconds until a token is there, at least one."""
        return max(1, math.ceil((1 - self.level) / self.refill))


class Throttle:
    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    def _bucket(self, subscription: str, principal: str, use: str, factor: int) -> Bucket:
        key = (subscription, principal, use)
        bucket = self._buckets.get(key)
        if bucket is None:
            size, refill = getattr(self._settings, f"bucket_{use}")
            bucket = Bucket(size * factor, refill * factor, size * factor, self._clock.now())
            self._buckets[key] = bucket
        bucket.settle(self._clock.now())
        return bucket

    def take(self, call: Call) -> dict[str, str]:
        """Spend a token of each bucket and return the headers that say what is left; 429 if none is."""
        subscription, use = call.path.subscription.lower(), call.use
        own = self._bucket(subscription, call.caller, use, 1)
        whole = self._bucket(subscription, "*", use, self._settings.subscription_factor)
        if self._settings.throttling:
            for bucket, what in ((own, call.caller), (whole, f"subscription {subscription}")):
                if bucket.level < 1:
                    raise throttled("SubscriptionRequestsThrottled", what, int(bucket.size), bucket.wait())
        own.level, whole.level = max(0, own.level - 1), max(0, whole.level - 1)
        if call.path.kind == DIAGNOSTICS and use == "writes":
            return {REMAINING + "resource-requests": str(RESOURCE_REQUESTS)}
        start = REMAINING if subscription else IN_TENANT
        return {start + use: str(int(own.level)), f"{start}global-{use}": str(int(whole.level))}

    def reset(self) -> None:
        """Fill every bucket, in the sizes set now."""
        self._buckets.clear()
