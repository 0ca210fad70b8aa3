"""Many findings as one card: a deployment that opens forty ports is one piece of news, not forty."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from remediation.findings import FindingRecord
from remediation.telling.cards.elements import (
    Element,
    adaptive_card,
    box,
    code,
    container,
    line,
    link,
    run,
)
from remediation.telling.cards.links import ALL_FINDINGS, NO_BOARD, TO_PORTAL, Board
from remediation.telling.cards.news import STYLES, colour
from remediation.telling.cards.safe import clip, exact, neutral
from remediation.telling.cards.size import Room, fitted
from remediation.telling.cards.summary import GROUPS, Group, Place, Summary, summary


def digest(records: Sequence[FindingRecord], *, now: datetime, board: Board = NO_BOARD) -> dict[str, Any]:
    """One card for several findings: totals, the worst, then what happened by news, rule and owner."""
    return fitted(
        lambda room: _card(summary(records, now=now, most_groups=min(GROUPS, room.lines * 2)), room, board)
    )


def _card(told: Summary, room: Room, board: Board) -> Element:
    body = [_header(told, room), line(run(told.when, limit=room.text, subtle=True))]
    if told.worst:
        body.append(container(list(_worst(told, room))))
    if exact(told.listing, room.command):
        listing = [line(run("To list them", bold=True)), box([code(told.listing)])]
        body.append(container(listing))
    body += [container(list(_group(group, room))) for group in told.groups]
    if told.left:
        body.append(line(run(f"... and {told.left} more of other kinds, see the portal", subtle=True)))
    buttons = [link(ALL_FINDINGS, board.address)] if board.address else []
    return adaptive_card(body, [*buttons, link(TO_PORTAL, told.page)], fallback=told.headline)


def _header(told: Summary, room: Room) -> Element:
    tint = colour(told.first) if told.first else "good"
    lines = [
        line(run(f"DIGEST{told.severities}".upper(), limit=120, bold=True, size="small", colour=tint)),
        line(run(told.headline, limit=room.text * 2, bold=True, size="large")),
    ]
    return container(lines, style=STYLES[tint], bleed=True)


def _worst(told: Summary, room: Room) -> Iterator[Element]:
    yield line(run("The worst", bold=True))
    for name, sentence in told.worst:
        yield line(run(f"{clip(neutral(name), 80)}: {sentence}", limit=room.text), spacing="none")


def _group(group: Group, room: Room) -> Iterator[Element]:
    """One kind of news under one rule: how many, one proof as an example, and which resources."""
    yield line(run(group.title, limit=room.text, bold=True, colour=colour(group.first)))
    yield line(run(group.example, limit=room.text, subtle=True), spacing="none")
    shown = room.lines // 2
    for place in group.places[:shown]:
        yield line(run(names_of(place, room.lines), limit=room.text * 2), spacing="none")
    left = sum(len(place.names) for place in group.places[shown:])
    if left:
        yield line(run(f"... and {left} more in other groups, see the portal", subtle=True), spacing="none")


def names_of(place: Place, most: int) -> str:
    """As in ``rg-orders: nsg-01, nsg-02 and 34 more``; a name is cut before the list is."""
    shown = [clip(neutral(name), 40) for name in place.names[:most]]
    more = f" and {len(place.names) - len(shown)} more" if len(place.names) > len(shown) else ""
    where = f"{clip(neutral(place.group), 40)}: " if place.group else ""
    return f"{where}{', '.join(shown)}{more}"
