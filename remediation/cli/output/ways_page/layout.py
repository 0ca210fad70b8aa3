"""Where everything stands on the map: networks in columns, their machines inside.

Which column a network stands in and in which order, so that peerings cross as little as can be, is the work
of fast-sugiyama (layers by distance from the hub, crossing minimisation); boxes differ in height, so the
stacking is ours. Columns leave gutters between them: ways come down there from the internet on top, and
peerings run there, so that no line ever crosses a box.

All numbers are units of the drawing, from the upper left corner.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from remediation.cli.output.ways_page.order import Block, columns

CHIP_HEIGHT, CHIP_GAP = 24, 6
OPEN_HEIGHT = 38  # an open machine says by what, in a second line
MARK, PITCH = 12, 16
PADDING, HEAD = 12, 46
STANDING = 30  # a line for the hosts and firewalls of a network
BOX_WIDTH = 208
GUTTER, GAP = 64, 22
SKY = 92  # above everything: the internet, and the lanes of peerings that cross columns
MOST_CHIPS = 12  # machines with their names; beyond that, marks
MOST_OPEN, MOST_UNKNOWN = 12, 4
ASPECT = 1.35
MOST_COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Inmate:
    """A machine to place: its verdict decides whether it is shown by name."""

    index: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a machine stands; `named` is a chip, otherwise it is a mark."""

    x: float
    y: float
    named: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A network's box and the number of its column."""

    x: float
    y: float
    width: float
    height: float
    column: int


@dataclass(frozen=True, slots=True)
class Map:
    """The drawing: its size, boxes in the order of the networks, spots by the index of the machine."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    spots: Mapping[int, Spot]


@dataclass(frozen=True, slots=True)
class _Content:
    width: float
    height: float
    spots: Mapping[int, Spot]


def lay_out(
    inmates: Sequence[Sequence[Inmate]], standing: Sequence[int], joints: Sequence[tuple[int, int]]
) -> Map:
    """Place networks by number, with the machines of each (worst first) and how many things stand in it.

    `joints` are pairs of networks.
    """
    contents = [_content(machines, bool(count)) for machines, count in zip(inmates, standing, strict=True)]
    most = max(1, len(contents))
    tried = {ceil(most / across) for across in range(1, min(most, MOST_COLUMNS) + 1)}
    blocks = min(
        (columns(len(contents), joints, rows) for rows in sorted(tried)),
        key=lambda blocks: _awkward(blocks, contents),
    )
    starts, width = _starts(blocks, contents)
    boxes = dict(_boxes(blocks, contents, starts))
    spots = {
        machine: Spot(boxes[network].x + spot.x, boxes[network].y + spot.y, spot.named)
        for network, content in enumerate(contents)
        for machine, spot in content.spots.items()
    }
    in_order = tuple(boxes[network] for network in range(len(contents)))
    return Map(width, _height(blocks, contents), in_order, spots)


def _boxes(
    blocks: Sequence[Block], contents: Sequence[_Content], starts: Sequence[float]
) -> Iterator[tuple[int, Box]]:
    """Blocks below each other, columns side by side; the hub in the middle of its spokes."""
    top: float = SKY
    for block in blocks:
        tall = max(_tall(column, contents) for column in block)
        for number, column in enumerate(block):
            y = top + (tall - _tall(column, contents)) / 2 if number == 0 else top
            for network in column:
                content = contents[network]
                yield network, Box(starts[number], y, content.width, content.height, number)
                y += content.height + GAP
        top += tall + 2 * GAP


def _awkward(blocks: Sequence[Block], contents: Sequence[_Content]) -> float:
    """How much a screen has to shrink the drawing; the least is the best."""
    return max(_starts(blocks, contents)[1] / ASPECT, _height(blocks, contents))


def _height(blocks: Sequence[Block], contents: Sequence[_Content]) -> float:
    return SKY + sum(max(_tall(column, contents) for column in block) + 2 * GAP for block in blocks)


def _content(machines: Sequence[Inmate], has_standing: bool) -> _Content:
    """A network's inside: chips for the machines that matter, marks for the others."""
    named = _named(machines)
    marks = [machine for machine in machines if machine.index not in named]
    across = max(int((BOX_WIDTH - 2 * PADDING + PITCH - MARK) // PITCH), ceil(sqrt(len(marks) * 1.3)))
    y: float = HEAD + (STANDING if has_standing else 0)
    spots: dict[int, Spot] = {}
    for machine in machines:
        if machine.index in named:
            spots[machine.index] = Spot(PADDING, y, named=True)
            y += (OPEN_HEIGHT if machine.verdict == "open" else CHIP_HEIGHT) + CHIP_GAP
    for number, machine in enumerate(marks):
        row, place = divmod(number, across)
        spots[machine.index] = Spot(PADDING + place * PITCH, y + row * PITCH, named=False)
    y += ceil(len(marks) / across) * PITCH
    width = max(BOX_WIDTH, 2 * PADDING + across * PITCH - (PITCH - MARK))
    return _Content(width, y + PADDING - (CHIP_GAP if named and not marks else 0), spots)


def _named(machines: Sequence[Inmate]) -> set[int]:
    if len(machines) <= MOST_CHIPS:
        return {machine.index for machine in machines}
    worst = [machine.index for machine in machines if machine.verdict == "open"][:MOST_OPEN]
    unsure = [machine.index for machine in machines if machine.verdict == "unknown"][:MOST_UNKNOWN]
    return {*worst, *unsure}


def _tall(column: Sequence[int], contents: Sequence[_Content]) -> float:
    return sum(contents[network].height + GAP for network in column) - GAP


def _starts(blocks: Sequence[Block], contents: Sequence[_Content]) -> tuple[list[float], float]:
    """Where each column begins, gutters between them, and the width of it all."""
    starts: list[float] = []
    x: float = GUTTER
    for number in range(max(map(len, blocks), default=0)):
        starts.append(x)
        networks = [network for block in blocks if number < len(block) for network in block[number]]
        x += max(contents[network].width for network in networks) + GUTTER
    return starts, x
