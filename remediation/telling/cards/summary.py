"""What there is to tell of many findings at once, before it becomes a card or blocks; all of it is raw text.

What happened is grouped by news, rule and owner, worst first. The three worst that are still open get a
sentence each, so that nobody has to open a list to know how bad it is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from remediation.findings import FindingRecord
from remediation.telling import board_link
from remediation.telling.cards import advice, links, words
from remediation.telling.cards.advice import AT_A_DESK, Reader
from remediation.telling.cards.news import SEVERITIES, news, urgency

GROUPS = 8
"""Kinds of news in one digest; what is beyond is counted."""
WORST = 3
SEVERE = ("critical", "high", "medium")


@dataclass(frozen=True, slots=True)
class Place:
    """The names of resources in one group."""

    group: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of news under one rule for one owner. `first` is the one that colours it."""

    first: FindingRecord
    title: str
    example: str
    places: tuple[Place, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """`worst` are (resource, sentence) of the worst that are open; `left` counts what no group shows.

    `page` is the title and the address of where all of them are to be seen.
    """

    severities: str
    headline: str
    when: str
    worst: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    left: int
    page: tuple[str, str]
    listing: str
    first: FindingRecord | None


def summary(
    records: Sequence[FindingRecord],
    *,
    now: datetime,
    most_groups: int = GROUPS,
    reader: Reader = AT_A_DESK,
) -> Summary:
    ordered = sorted(records, key=_order)
    every = [list(group) for _, group in groupby(ordered, key=_kind)]
    return Summary(
        severities=_severities(ordered),
        headline=_headline(ordered),
        when=_when(ordered, now),
        worst=tuple(_worst(ordered)) if len(ordered) > WORST else (),
        groups=tuple(map(_group, every[:most_groups])),
        left=sum(map(len, every[most_groups:])),
        page=_page(ordered, reader),
        listing=reader.command(_listing(ordered)),
        first=ordered[0] if ordered else None,
    )


def _order(record: FindingRecord) -> tuple[object, ...]:
    return urgency(record), record.change, record.rule, record.owner, record.resource


def _kind(record: FindingRecord) -> tuple[str, str, str]:
    return record.change, record.rule, record.owner


def _headline(ordered: Sequence[FindingRecord]) -> str:
    """As in ``41 findings at once: 38 drift found, 3 repaired``."""
    counts = Counter(news(record).label for record in ordered)
    told = ", ".join(f"{count} {label.lower()}" for label, count in counts.items())
    return f"{len(ordered)} findings at once: {told}" if told else "No findings"


def _severities(ordered: Sequence[FindingRecord]) -> str:
    """How bad what is still open is: `` \u00b7 36 critical, 1 high``."""
    counts = Counter(record.severity for record in ordered if not news(record).over)
    told = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])
    return f" \u00b7 {told}" if told else ""


def _when(ordered: Sequence[FindingRecord], now: datetime) -> str:
    """When it began and how long ago it ended; who caused most of it."""
    if not ordered:
        return "Nothing happened."
    moments = [record.changed_at for record in ordered]
    (name, count), *others = Counter(words.who(record.actor) for record in ordered).most_common()
    who = f"{count} of {len(ordered)} changed by {name}" if others else f"All changed by {name}"
    return f"{who}. Began {words.moment(min(moments))}, latest {words.ago(max(moments), now)}."


def _worst(ordered: Sequence[FindingRecord]) -> Iterator[tuple[str, str]]:
    """The first of each kind before the second of any: three of one kind say no more than one does."""
    bad = [record for record in ordered if not news(record).over and record.severity in SEVERE]
    kinds = dict[tuple[str, str, str], int]()
    ranked: list[tuple[int, int, FindingRecord]] = []
    for at, record in enumerate(bad):
        turn = kinds.get(_kind(record), 0)
        kinds[_kind(record)] = turn + 1
        ranked.append((turn, at, record))
    chosen = sorted(ranked[: 50 * WORST], key=lambda each: each[:2])[:WORST]
    for _, _, record in sorted(chosen, key=lambda each: each[1]):
        _, name = words.kind_and_name(record.resource)
        group, _ = words.place(record.resource)
        yield f"{name} in {group}" if group else name, record.message


def _page(ordered: Sequence[FindingRecord], reader: Reader) -> tuple[str, str]:
    """The one link, with its title: the app's own list of what they have in common, else the portal."""
    owners, rules = ({getattr(record, key) for record in ordered} for key in ("owner", "rule"))
    asked = {"owner": owners, "rule": rules}
    shared = {name: values.pop() for name, values in asked.items() if len(values) == 1}
    own = board_link.board(reader.host, shared)
    if own:
        return links.ALL_FINDINGS, own
    return links.TO_PORTAL, links.common_place(record.resource for record in ordered)


def _listing(ordered: Sequence[FindingRecord]) -> str:
    """What to type for the whole list; "" for none."""
    if not ordered:
        return ""
    began = min(record.changed_at for record in ordered) - timedelta(seconds=1)
    return advice.listing(began)


def _group(group: Sequence[FindingRecord]) -> Group:
    first = group[0]
    count = f"{len(group)} \u00d7 " if len(group) > 1 else ""
    owner = f" \u00b7 {first.owner}" if first.owner else ""
    by_place = groupby(group, key=lambda record: words.place(record.resource))
    places = tuple(
        Place(place[0], tuple(words.kind_and_name(record.resource)[1] for record in there))
        for place, there in by_place
    )
    return Group(first, f"{count}{first.title}{owner}", _example(group), places, len(group))


def _example(group: Sequence[FindingRecord]) -> str:
    first = group[0]
    told = f"{news(first).label}, {first.severity}."
    proof = "" if news(first).over else words.witness(first.witness)
    return f"{told} {'For example, ' if len(group) > 1 else ''}{proof}." if proof else told
