"""People are told, once, of what keeps changes from coming in, and once that it is over."""

import logging
from collections.abc import Mapping
from datetime import datetime

import msgspec

from remediation.errors import PermanentError, TransientError
from remediation.intake.fetching.progress import Fetched, Progress
from remediation.messages import Message
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald

log = logging.getLogger("bastion_guard.fetching")

UNREAD, LATE, MISSED = "unread", "late", "missed"
TITLES: Mapping[str, str] = {
    UNREAD: "A subscription can no longer be read",
    LATE: "Changes are fetched late",
    MISSED: "Events do not arrive",
}
ABOUT = "providers/BastionGuard.Settings/changes"
"""The name under which they are told; ARM has no such resource."""


def of_reading(progress: Progress, now: datetime) -> dict[str, str | None]:
    """What is wrong with reading a subscription's log, by name; "" where nothing is."""
    behind = progress.behind(now)
    since = progress.since or now
    minutes = f"{behind.total_seconds() / 60:.0f} minutes"
    late = f"Changes of subscription {progress.subscription} were last fetched {minutes} ago"
    return {
        UNREAD: (
            f"Since {since:%Y-%m-%d %H:%M} UTC the activity log of subscription {progress.subscription} "
            f"cannot be read, and changes there are found by the sweep alone: {progress.trouble}"
            if progress.trouble
            else ""
        ),
        LATE: late if progress.is_late(now) and not progress.trouble else "",
    }


def tell(
    herald: Herald, fetched: Fetched, progress: Progress, troubles: Mapping[str, str | None]
) -> Progress:
    """Announce what has begun and what is over. A trouble that is not named, or None, is as it was."""
    told = set(progress.told)
    for name, why in troubles.items():
        if why is not None and bool(why) != (name in told):
            _announce(herald, progress.subscription, name, why)
            told ^= {name}
    if told == set(progress.told):
        return progress
    progress = msgspec.structs.replace(progress, told=sorted(told))
    fetched.note(progress)
    return progress


def _announce(herald: Herald, subscription: str, name: str, why: str) -> None:
    """Recorded first: what cannot be sent now is owed, and the sweep sends it."""
    about = ResourceId.parse(f"/subscriptions/{subscription}/{ABOUT}/{name}")
    message = Message(target=about.text)
    if why:
        records = herald.record_gave_up(about, why, message, TITLES[name])
    else:
        records = herald.record_reached(about, message)
    try:
        herald.announce(about, records.values())
    except (TransientError, PermanentError) as error:
        log.warning("announcements.delayed", extra={"reason": str(error)})
