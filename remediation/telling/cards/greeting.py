"""A card that asks nothing of anybody: it shows that a channel works."""

from datetime import datetime
from typing import Any

from remediation.telling.cards import words
from remediation.telling.cards.elements import adaptive_card, container, line, run
from remediation.telling.cards.news import STYLES

TITLE = "This channel works"
MEANING = "Somebody tried where Bastion Guard's alerts go. Nothing has happened, and there is nothing to do."


def sentence(channel: str, now: datetime) -> str:
    return f"Alerts for the channel {channel} arrive here. Sent {words.moment(now)}."


def greeting(channel: str, *, now: datetime) -> dict[str, Any]:
    lines = [
        line(run("TRY-OUT", bold=True, size="small", colour="accent")),
        line(run(TITLE, bold=True, size="large")),
        line(run(MEANING)),
    ]
    body = [container(lines, style=STYLES["accent"], bleed=True), line(run(sentence(channel, now)))]
    return adaptive_card(body, [], fallback=f"{TITLE}: {channel}")
