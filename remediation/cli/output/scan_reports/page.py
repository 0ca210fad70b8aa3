"""A scan as one page that loads nothing from anywhere, with the map of ways in where there are any.

Everything is text and is escaped as such; there is no script of its own. The map is the page of `ways-in` in
a frame that may run its script and nothing else: it has no origin, and the policy of this page, which a frame
inherits, knows that one script and two styles by their hashes.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template

from remediation.cli.output import ways_words
from remediation.cli.output.scan_reports.groups import Group, grouped, number, place
from remediation.cli.output.ways_page import page as ways_page
from remediation.estates.scanning import EVERY_RULE, Scan
from remediation.landing_zone.commands import SHELL
from remediation.model import Finding, Severity
from remediation.plain import plain
from remediation.ways.report import Machine, Report

HERE = Path(__file__).parent
MOST_SHOWN = 500
MOST_REASONS = 100
MOST_MACHINES = 100


def page(result: Scan, ways: Report | None, now: datetime, *, about: str) -> str:
    """The page; `about` says in a few words what was read, `ways` is drawn where a machine has one."""
    style = (HERE / "page.css").read_text(encoding="utf-8")
    drawn = ways is not None and any(machine.ways for machine in ways.machines)
    return Template((HERE / "page.html").read_text(encoding="utf-8")).substitute(
        policy=escape(_policy(style, drawn=drawn)),
        style=style,
        about=_text(f"{about}, {now:%Y-%m-%d %H:%M} UTC"),
        counts="".join(_counts(result)),
        notes="".join(f"<p class=note>{_text(note)}</p>\n" for note in result.notes),
        ways="".join(_ways(ways, now, about)) if ways is not None and drawn else "",
        findings="".join(_findings(result)),
        unknown="".join(_unknown(result)),
    )


def _policy(style: str, *, drawn: bool) -> str:
    """What may act here: one style, and that of the map with its script where there is one."""
    own = f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
    theirs = ways_page.allowed() if drawn else ("", "'none'")
    rules = (f"style-src {own} {theirs[0]}".strip(), f"script-src {theirs[1]}")
    return f"default-src 'none'; {'; '.join(rules)}; base-uri 'none'; form-action 'none'"


def _text(foreign: object) -> str:
    return escape(plain(foreign))


def _counts(result: Scan) -> Iterator[str]:
    for severity in sorted(Severity, reverse=True):
        count = sum(finding.severity is severity for finding in result.findings)
        if count:
            word = severity.text
            yield f'<li class="{word}"><a href="#{word}"><b>{count:,}</b> {word}</a></li>\n'
    if not result.findings:
        yield f"<li><b>0</b> {'nothing drifted' if result.evaluated else 'nothing was judged'}</li>\n"
    if result.unknowns:
        yield f'<li class="unknown"><a href="#unknown"><b>{len(result.unknowns):,}</b> not known</a></li>\n'
    yield f"<li><b>{result.evaluated:,}</b> judged</li>\n"


# Ways in -------------------------------------------------------------------------------------------


def _ways(ways: Report, now: datetime, about: str) -> Iterator[str]:
    worrying = [machine for machine in ways.machines if machine.verdict != "closed"]
    opened = sum(machine.verdict == "open" for machine in worrying)
    yield '<section aria-labelledby="ways"><h2 id="ways">Ways in from the internet</h2>\n'
    yield f"<p>{number(len(ways.machines), 'machine')}: {opened:,} open, "
    yield f"{len(worrying) - opened:,} not known, {len(ways.machines) - len(worrying):,} closed.</p>\n<ul>"
    yield from map(_machine, sorted(worrying, key=lambda one: one.verdict != "open")[:MOST_MACHINES])
    if len(worrying) > MOST_MACHINES:
        yield f"<li>and {len(worrying) - MOST_MACHINES:,} more</li>"
    yield "</ul>\n"
    frame = escape(ways_page.page(ways, now, about=about))
    yield f'<iframe title="Map of ways in" sandbox="allow-scripts" srcdoc="{frame}"></iframe></section>\n'


def _machine(machine: Machine) -> str:
    word = "open" if machine.verdict == "open" else "not known"
    kind = "critical" if machine.verdict == "open" else "unknown"
    name, said = _text(ways_words.name(machine.id)), _text(ways_words.summary(machine))
    return f'<li><span class="pill {kind}">{word}</span> <b><bdi>{name}</bdi></b>: {said}</li>\n'


# Findings ------------------------------------------------------------------------------------------


def _findings(result: Scan) -> Iterator[str]:
    for severity in sorted(Severity, reverse=True):
        groups = grouped(finding for finding in result.findings if finding.severity is severity)
        if not groups:
            continue
        word = severity.text
        yield f'<section aria-labelledby="{word}"><h2 id="{word}">{word.capitalize()}</h2>\n'
        for group in groups:
            yield f'<article class="{word}">\n'
            yield from _group(group)
            yield "</article>\n"
        yield "</section>\n"


def _group(group: Group) -> Iterator[str]:
    yield f"<h3>{_text(group.message)}</h3>\n<p class=soft><code>{_text(group.first.rule)}</code> "
    yield f"{_text(group.outcome)}</p>\n"
    if group.is_one:
        yield from _resource(group.first, message=False)
        return
    yield f"<details><summary>{number(len(group.findings), 'resource')}: {_text(group.names)}</summary>\n"
    for finding in group.findings[:MOST_SHOWN]:
        yield from _resource(finding, message=finding.message != group.message)
    if len(group.findings) > MOST_SHOWN:
        yield f"<p>and {len(group.findings) - MOST_SHOWN:,} more: --format json has them all</p>\n"
    yield "</details>\n"


def _resource(finding: Finding, *, message: bool) -> Iterator[str]:
    resource = finding.resource
    yield f'<div class="resource"><b><bdi>{_text(place(resource))}</bdi></b>'
    if resource.resource_group:
        yield f" <span class=soft>in <bdi>{_text(resource.resource_group)}</bdi></span>"
    if message:
        yield f"<p>{_text(finding.message)}</p>"
    yield f"<p class=id><code>{_text(resource.text)}</code></p>"
    if finding.by_hand:
        commands = "\n".join(map(_text, finding.by_hand))
        yield f"<details><summary>What to type ({SHELL})</summary><pre tabindex=0>{commands}</pre></details>"
    yield "</div>\n"


def _unknown(result: Scan) -> Iterator[str]:
    if not result.unknowns:
        return
    reasons: dict[tuple[str, str], list[str]] = {}
    for unknown in result.unknowns:
        reasons.setdefault((unknown.rule, unknown.reason), []).append(place(unknown.resource))
    ordered = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
    yield '<section aria-labelledby="unknown"><h2 id="unknown">Not known</h2>\n<ul>\n'
    for (rule, reason), names in ordered[:MOST_REASONS]:
        about = "" if rule == EVERY_RULE else f"<code>{_text(rule)}</code> "
        yield f"<li>{about}<bdi>{_text(_named(names))}</bdi>: {_text(reason)}</li>\n"
    if len(ordered) > MOST_REASONS:
        yield f"<li>and {len(ordered) - MOST_REASONS:,} more reasons: --format json has them all</li>\n"
    yield "</ul></section>\n"


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
