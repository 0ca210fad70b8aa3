"""People are told, once, of a part that is down and that it works again: on whatever channel is left."""

import logging

from remediation.errors import PermanentError, TransientError
from remediation.messages import Message
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald
from remediation.telling.parts_down import CARDS, LETTERS, TOPIC, PartsDown, Trouble

log = logging.getLogger("bastion_guard.announce")

ABOUT = "providers/BastionGuard.Settings/parts"
"""The name under which they are told; ARM has no such resource."""
TITLES = {
    CARDS: "Cards cannot be sent",
    TOPIC: "The drift topic takes no announcements",
    LETTERS: "Dead letters cannot be read",
}
WAITS = {
    CARDS: "cards are kept, and come once it works",
    TOPIC: "announcements are kept for it, and cards are sent directly meanwhile",
    LETTERS: "what Event Grid put aside waits there, and the sweep finds what drifted",
}


def tell_parts(parts: PartsDown, herald: Herald, subscription: str) -> int:
    """Announce each part that has gone down, and each that works again; returns how many are down."""
    parts.news = False
    down = 0
    for trouble in parts.all():
        about = ResourceId.parse(f"/subscriptions/{subscription}/{ABOUT}/{trouble.part}")
        if trouble.over:
            _announce(herald, about, None)
            parts.forget(trouble.part)
            continue
        down += trouble.serious
        if trouble.serious and not trouble.told:
            _announce(herald, about, trouble)
            parts.told(trouble)
    return down


def _announce(herald: Herald, about: ResourceId, trouble: Trouble | None) -> None:
    message = Message(target=about.text)
    if trouble is None:
        records = herald.record_reached(about, message)
    else:
        why = f"Since {trouble.since:%Y-%m-%d %H:%M} UTC: {trouble.reason}; {WAITS[trouble.part]}"
        records = herald.record_gave_up(about, why, message, TITLES[trouble.part])
    try:
        herald.announce(about, records.values())
    except (TransientError, PermanentError) as error:
        log.warning("announcements.delayed", extra={"reason": str(error)})
