"""Many findings as one card: a deployment that opens forty ports is one piece of news, not forty."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from remediation.findings import FindingRecord
from remediation.guidance import GUIDANCE_URL
from remediation.telling.cards import links, words
from remediation.telling.cards.elements import Element, adaptive_card, container, line, link, run
from remediation.telling.cards.news import SEVERITIES, STYLES, colour, news, urgency
from remediation.telling.cards.safe import clip, neutral
from remediation.telling.cards.size import Room, fitted

GROUPS = 8  # kinds of news in one digest; what is beyond is counted


def digest(records: Sequence[FindingRecord], *, now: datetime) -> dict[str, Any]:
    """One card for several findings: totals, then what happened, grouped by news and rule, worst first."""
    ordered = sorted(
        records, key=lambda record: (urgency(record), record.change, record.rule, record.resource)
    )
    return fitted(lambda room: _card(ordered, now, room))


def _card(ordered: Sequence[FindingRecord], now: datetime, room: Room) -> Element:
    groups = [list(group) for _, group in groupby(ordered, key=lambda record: (record.change, record.rule))]
    shown = min(GROUPS, room.lines * 2)
    body = [_header(ordered, room), line(run(_when(ordered, now), limit=room.text, subtle=True))]
    body += [container(list(_group(group, room))) for group in groups[:shown]]
    left = sum(len(group) for group in groups[shown:])
    if left:
        body.append(line(run(f"... and {left} more of other kinds, see the portal", subtle=True)))
    page = links.common_place(record.resource for record in ordered)
    buttons = [link("Open in the portal", page), link("Read the guidance", GUIDANCE_URL)]
    return adaptive_card(body, buttons, fallback=_headline(ordered))


def _header(ordered: Sequence[FindingRecord], room: Room) -> Element:
    tint = colour(ordered[0]) if ordered else "good"
    lines = [
        line(run(f"DIGEST{_severities(ordered)}".upper(), limit=120, bold=True, size="small", colour=tint)),
        line(run(_headline(ordered), limit=room.text * 2, bold=True, size="large")),
    ]
    return container(lines, style=STYLES[tint], bleed=True)


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


def _group(group: Sequence[FindingRecord], room: Room) -> Iterator[Element]:
    """One kind of news under one rule: how many, one proof as an example, and which resources."""
    first = group[0]
    count = f"{len(group)} \u00d7 " if len(group) > 1 else ""
    yield line(run(f"{count}{first.title}", limit=room.text, bold=True, colour=colour(first)))
    yield line(run(_example(group), limit=room.text, subtle=True), spacing="none")
    by_place = groupby(group, key=lambda record: words.place(record.resource))
    places = [
        (place, [words.kind_and_name(record.resource)[1] for record in there]) for place, there in by_place
    ]
    for (resource_group, _), names in places[: room.lines // 2]:
        yield line(run(_names(resource_group, names, room), limit=room.text * 2), spacing="none")
    left = sum(len(names) for _, names in places[room.lines // 2 :])
    if left:
        yield line(run(f"... and {left} more in other groups, see the portal", subtle=True), spacing="none")


def _example(group: Sequence[FindingRecord]) -> str:
    first = group[0]
    told = f"{news(first).label}, {first.severity}."
    proof = "" if news(first).over else words.witness(first.witness)
    return f"{told} {'For example, ' if len(group) > 1 else ''}{proof}." if proof else told


def _names(resource_group: str, names: Sequence[str], room: Room) -> str:
    """As in ``rg-orders: nsg-01, nsg-02 and 34 more``; a name is cut before the list is."""
    shown = [clip(neutral(name), 40) for name in names[: room.lines]]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    place = f"{clip(neutral(resource_group), 40)}: " if resource_group else ""
    return f"{place}{', '.join(shown)}{more}"
