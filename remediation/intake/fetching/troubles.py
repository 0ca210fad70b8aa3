"""People are told, once, of what keeps changes from coming in, and once that it is over."""

import logging
from collections.abc import Iterable, Mapping
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
UNCHECKED = "Deliveries are no longer checked"
"""What it is called that the log is not read, where it is read as a check."""
ABOUT = "providers/BastionGuard.Settings/changes"
"""The name under which they are told; ARM has no such resource."""


def of_reading(progress: Progress, now: datetime) -> dict[str, str | None]:
    """What is wrong with reading a subscription's log, by name; "" where nothing is."""
    since = progress.since or now
    return {
        UNREAD: (
            f"Since {since:%Y-%m-%d %H:%M} UTC the activity log of subscription {progress.subscription} "
            f"cannot be read, and changes there are found by the sweep alone: {progress.trouble}"
            if progress.trouble
            else ""
        ),
        LATE: _late(progress) if progress.is_late(now) and not progress.trouble else "",
    }


def _late(progress: Progress) -> str:
    last = "never" if progress.read_at is None else f"last at {progress.read_at:%Y-%m-%d %H:%M} UTC"
    about = f"of subscription {progress.subscription}"
    if progress.fetches:
        return f"Changes {about} were fetched {last}: until they are again, the sweep alone finds them"
    return (
        f"Whether every change {about} was delivered was checked {last}: should events stop meanwhile, "
        "nobody is told"
    )


def tell_unread(
    herald: Herald, fetched: Fetched, subscriptions: Iterable[str], now: datetime, *, fetches: bool
) -> None:
    """Tell of logs that were read once and are not any more, in place of the timer that does not run.

    That this is over is told by that timer itself.
    """
    for subscription in subscriptions:
        progress = msgspec.structs.replace(fetched.progress(subscription), fetches=fetches)
        if progress.is_late(now):
            wrong = of_reading(progress, now)[LATE]
            tell(herald, fetched, progress, {LATE: wrong or None})


def tell(
    herald: Herald, fetched: Fetched, progress: Progress, troubles: Mapping[str, str | None]
) -> Progress:
    """Announce what has begun and what is over. A trouble that is not named, or None, is as it was."""
    told = set(progress.told)
    for name, why in troubles.items():
        if why is not None and bool(why) != (name in told):
            _announce(herald, progress, name, why)
            told ^= {name}
    if told == set(progress.told):
        return progress
    progress = msgspec.structs.replace(progress, told=sorted(told))
    fetched.note(progress)
    return progress


def _announce(herald: Herald, progress: Progress, name: str, why: str) -> None:
    """Recorded first: what cannot be sent now is owed, and the sweep sends it."""
    about = ResourceId.parse(f"/subscriptions/{progress.subscription}/{ABOUT}/{name}")
    message = Message(target=about.text)
    if why:
        title = UNCHECKED if name == LATE and not progress.fetches else TITLES[name]
        records = herald.record_gave_up(about, why, message, title)
    else:
        records = herald.record_reached(about, message)
    try:
        herald.announce(about, records.values())
    except (TransientError, PermanentError) as error:
        log.warning("announcements.delayed", extra={"reason": str(error)})
