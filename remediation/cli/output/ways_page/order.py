"""Which column of the map a network stands in, and in which order: fast-sugiyama decides.

A landing zone is a star: one hub, many spokes. Layered as it is, every spoke would stand in one column as
high as a tower. So only the first spokes hang on the hub, and each further one on a spoke before it: rows
of spokes, which the layering turns into columns of bounded height.
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from math import ceil

type Block = list[list[int]]
"""The columns of one group of joined networks, each from the top."""


def columns(count: int, joints: Sequence[tuple[int, int]], rows: int) -> list[Block]:
    """The networks 0..count-1 in blocks of columns: groups of joined networks, and then all islands."""
    neighbours = _neighbours(joints)
    groups = _groups(count, neighbours)
    blocks = [_group(group, neighbours, rows) for group in groups if len(group) > 1]
    islands = [group[0] for group in groups if len(group) == 1]
    if islands:
        blocks.append(_side_by_side(islands, max(map(len, blocks), default=ceil(len(islands) / rows))))
    return blocks


def _side_by_side(islands: list[int], across: int) -> Block:
    """Rows of networks as wide as what stands above them, as columns."""
    return [islands[start::across] for start in range(min(across, len(islands)))]


def _neighbours(joints: Sequence[tuple[int, int]]) -> Mapping[int, list[int]]:
    found: defaultdict[int, dict[int, None]] = defaultdict(dict)  # in the order given, each once
    for one, other in joints:
        if one != other:
            found[one][other] = None
            found[other][one] = None
    return {network: list(joined) for network, joined in found.items()}


def _groups(count: int, neighbours: Mapping[int, list[int]]) -> list[list[int]]:
    """What hangs together, the first network of each group first."""
    seen: set[int] = set()
    groups = []
    for network in range(count):
        if network not in seen:
            group = list(_walk(network, neighbours))
            seen.update(group)
            groups.append(group)
    return groups


def _walk(start: int, neighbours: Mapping[int, list[int]]) -> Mapping[int, int | None]:
    """Every network within reach and through which one it was found, nearest first."""
    found: dict[int, int | None] = {start: None}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        for other in neighbours.get(at, ()):
            if other not in found:
                found[other] = at
                waiting.append(other)
    return found


def _group(group: Sequence[int], neighbours: Mapping[int, list[int]], rows: int) -> Block:
    hub = max(group, key=lambda network: (len(neighbours[network]), -network))
    return _layers(_edges(_walk(hub, neighbours), rows))


def _edges(found: Mapping[int, int | None], rows: int) -> list[tuple[int, int]]:
    """A tree from the hub in which no network has more than `rows` that come straight after it."""
    below: defaultdict[int, list[int]] = defaultdict(list)
    edges = []
    for network, parent in found.items():
        if parent is not None:
            before = below[parent]
            edges.append((parent if len(before) < rows else before[-rows], network))
            before.append(network)
    return edges


def _layers(edges: list[tuple[int, int]]) -> Block:
    from fast_sugiyama import from_edges  # late: only a page needs it

    layout = from_edges(edges, vertex_spacing=1, crossing_minimization="median")
    layers: defaultdict[float, list[tuple[float, int]]] = defaultdict(list)
    for network, (across, down) in layout.flatten_positions():
        layers[-down].append((-across, int(network)))
    return [[network for _, network in sorted(layers[layer])] for layer in sorted(layers)]
