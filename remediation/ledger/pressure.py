"""Until when ARM asked us to leave (subscription, region, kind) alone, known to every worker."""

from datetime import datetime, timedelta
from typing import Any

from remediation.ledger.keys import change
from remediation.ports import Ledger

PARTITION = "pressure"


class Pressure:
    """Shared back-pressure. `kind` is reads or writes; an unknown region is its own bucket."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def wait(self, subscription: str, region: str, kind: str, now: datetime) -> float:
        """Seconds to wait before calling, 0 when nobody asked us to."""
        row = self._ledger.read(PARTITION, _key(subscription, region, kind))
        if row is None:
            return 0.0
        return max(0.0, (datetime.fromisoformat(row.value["notBefore"]) - now).total_seconds())

    def throttled(self, subscription: str, region: str, kind: str, now: datetime, seconds: float) -> None:
        """Remember a 429. A longer wait that somebody else was told stays."""
        until = now + timedelta(seconds=seconds)

        def later(value: dict[str, Any] | None) -> dict[str, Any] | None:
            if value is not None and datetime.fromisoformat(value["notBefore"]) >= until:
                return None
            return {"notBefore": until.isoformat()}

        change(self._ledger, PARTITION, _key(subscription, region, kind), later)


def _key(subscription: str, region: str, kind: str) -> str:
    return f"{subscription}|{region.lower().replace(' ', '') or 'anywhere'}|{kind}"
