"""Sample packets for comparing two NSGs: any stretch of any dimension, any pair of memberships."""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Any

from tests.unit.nsg.oracle import (
    PROBE,
    Packet,
    groups_of,
    is_name,
    is_public,
    may_hold,
    rules_about,
    tags_of,
)
from tests.unit.nsg.samples import local_samples, port_samples, remote_samples

_KINDS = 8

type Documents = Sequence[dict[str, Any]]


def packets(
    documents: Documents, direction: str, protocols: Sequence[str], seed: int, count: int, most: int = 2
) -> Iterator[Packet]:
    """Some packets with known memberships: any stretch of any dimension, and at most `most` of the tags and
    groups on either side that matter to such a packet."""
    chance = random.Random(seed)  # noqa: S311  samples, not secrets
    ports, source_ports = port_samples(documents, "destination"), port_samples(documents, "source")
    locals_, remotes = local_samples(documents), remote_samples(documents)
    kinds = list(product(protocols, ports, source_ports))
    for protocol, port, source_port in chance.sample(kinds, min(_KINDS, len(kinds))):
        kind = Packet(PROBE, PROBE, port, source_port, protocol, direction)
        remote_sets, local_sets = _memberships(documents, kind, most)
        for _ in range(count // _KINDS):
            packet = Packet(
                chance.choice(remotes), chance.choice(locals_), port, source_port, protocol, direction,
                chance.choice(remote_sets), chance.choice(local_sets), known=True,
            )  # fmt: skip
            if possible(packet):
                yield packet


def _memberships(
    documents: Documents, kind: Packet, most: int
) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    far, near = ("source", "destination") if kind.direction == "inbound" else ("destination", "source")
    rules = [rules_about(document, kind) for document in documents]
    remote_sets = _subsets([*tags_of(rules, far), *groups_of(rules, far)], most, "virtualnetwork")
    local_sets = _subsets({*tags_of(rules, near), *groups_of(rules, near)} - {"virtualnetwork"}, most)
    return remote_sets, local_sets


def possible(packet: Packet) -> bool:
    """Whether both ends have one family and can be members of what they are said to be in."""
    tags = [name for name in packet.local_in if not name.startswith("/") and is_name(name)]
    return (
        packet.remote.version == packet.local.version
        and all(may_hold(name, packet) for name in packet.remote_in)
        and (is_public(packet.local) or not tags)
    )


def _subsets(names: Iterable[str], most: int, *always: str) -> list[frozenset[str]]:
    pool = sorted({*names, *always})
    return [frozenset(some) for count in range(most + 1) for some in combinations(pool, count)]
