"""Many findings as one message of blocks."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from remediation.findings import FindingRecord
from remediation.telling.cards.digest import names_of
from remediation.telling.cards.links import ALL_FINDINGS, NO_BOARD, TO_PORTAL, Board
from remediation.telling.cards.safe import clip, exact, neutral
from remediation.telling.cards.size import Room
from remediation.telling.cards.summary import GROUPS, Group, Summary, summary
from remediation.telling.slack import blocks
from remediation.telling.slack.blocks import Block


def digest(records: Sequence[FindingRecord], *, now: datetime, board: Board = NO_BOARD) -> dict[str, Any]:
    return blocks.fitted(
        lambda room: _message(summary(records, now=now, most_groups=min(GROUPS, room.lines * 2)), room, board)
    )


def _message(told: Summary, room: Room, board: Board) -> dict[str, Any]:
    opening = blocks.section(
        blocks.text(f"DIGEST{told.severities}".upper(), limit=120, bold=True),
        blocks.end_of_line(),
        blocks.text(told.when, limit=room.text),
    )
    body = [blocks.header(told.headline), blocks.rich(opening)]
    if told.worst:
        body.append(blocks.rich(*_worst(told, room)))
    if exact(told.listing, room.command):
        body.append(
            blocks.rich(blocks.section(blocks.text("To list them", bold=True)), blocks.code(told.listing))
        )
    body += [blocks.rich(*_group(group, room)) for group in told.groups]
    if told.left:
        left = blocks.text(f"... and {told.left} more of other kinds, see the portal", italic=True)
        body.append(blocks.rich(blocks.section(left)))
    body.append(blocks.rich(blocks.links((board.address, ALL_FINDINGS), (told.page, TO_PORTAL))))
    return blocks.message(body, told.headline)


def _worst(told: Summary, room: Room) -> Iterator[Block]:
    yield blocks.section(blocks.text("The worst", bold=True))
    for name, sentence in told.worst:
        yield blocks.section(blocks.text(f"{clip(neutral(name), 80)}: {sentence}", limit=room.text))


def _group(group: Group, room: Room) -> Iterator[Block]:
    yield blocks.section(
        blocks.text(group.title, limit=room.text, bold=True),
        blocks.end_of_line(),
        blocks.text(group.example, limit=room.text, italic=True),
    )
    shown = room.lines // 2
    for place in group.places[:shown]:
        yield blocks.section(blocks.text(names_of(place, room.lines), limit=room.text * 2))
    left = sum(len(place.names) for place in group.places[shown:])
    if left:
        yield blocks.section(blocks.text(f"... and {left} more in other groups, see the portal", italic=True))
