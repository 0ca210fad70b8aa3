"""What can be chosen about the lab's ARM while it runs: `GET` and `POST /_lab/settings`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

# Polls of an operation's URL until it says that it has ended; recorded for Bastion, typical of the rest.
POLLS: dict[str, int] = {
    "*": 1,
    "microsoft.network/bastionhosts:create": 9,
    "microsoft.network/bastionhosts:update": 10,
    "microsoft.network/bastionhosts:delete": 8,
    "microsoft.network/virtualnetworks:create": 2,
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": 2,
    "microsoft.network/natgateways:create": 2,
    "microsoft.network/virtualhubs": 10,
}


@dataclass(slots=True)
class Settings:
    """Everything adjustable. Types are keyed in lower case; `*` stands for all others."""

    polls: dict[str, int] = field(default_factory=lambda: dict(POLLS))
    polls_all: int | None = None  # polls of every operation, whatever `polls` says
    poll_interval: float = 10.0  # lab seconds one poll stands for: an operation is due after polls x interval
    retry_after: int | None = None  # Retry-After of accepted and running operations; None sends none
    retry_after_ms: int | None = 10  # x-ms-retry-after-ms, which the SDK honours too: keeps its pollers quick
    page_size: int | None = None  # items per page of a list; None sends everything
    if_match: dict[str, bool] = field(  # True: a foreign etag is refused with 412
        default_factory=lambda: {"*": False, "microsoft.network/publicipaddresses": True}
    )
    throttling: bool = False  # the buckets always count; True also refuses
    bucket_reads: tuple[int, float] = (250, 25.0)  # size, refill per second
    bucket_writes: tuple[int, float] = (200, 10.0)
    bucket_deletes: tuple[int, float] = (200, 10.0)
    subscription_factor: int = 15
    bastion_nsg_checked_on_update: bool = True  # [?] refused also when an attached NSG loses a needed rule
    group_delete_raises_each: bool = False  # [?] whether a group's delete raises an event per resource
    roles: dict[str, list[str]] = field(default_factory=dict)  # by caller: the only actions it may do
    assigned: tuple[str, ...] = ()  # callers that may do only what role assignments in the lab grant them
    subscriptions: tuple[str, ...] = ()  # that exist although nothing stands in them
    log_delay: float = 0.0  # seconds until a change stands in the activity log: half of it to all of it
    log_doubled: float = 0.0  # which share of its items comes a second time
    log_begun: bool = False  # whether the beginning of an operation is an item as well
    log_seed: int = 1  # of all three
    create_has_http_request: bool = True  # the documents say that a create may lack httpRequest

    def polls_for(self, kind: str, verb: str) -> int:
        """Polls for an operation of `verb` (create, update, delete, action, settled) on a type."""
        if self.polls_all is not None:
            return self.polls_all
        if verb == "settled":
            return 1
        found = self.polls.get(f"{kind}:{verb}", self.polls.get(kind))
        return self.polls.get("*", 1) if found is None else found

    def honours_if_match(self, kind: str) -> bool:
        return self.if_match.get(kind, self.if_match.get("*", False))

    def update(self, changes: dict[str, Any]) -> None:
        """Take over what was sent; maps are merged. Raises ValueError naming an unknown setting."""
        known = {each.name for each in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown setting '{name}'; known are: {', '.join(sorted(known))}")
            current = getattr(self, name)
            merged = (
                current | {k.lower(): v for k, v in value.items()} if isinstance(current, dict) else value
            )
            setattr(self, name, tuple(merged) if isinstance(merged, list) else merged)

    def document(self) -> dict[str, Any]:
        return asdict(self)
