"""A scan as Markdown: for a pull request's comment, a wiki, a ticket.

Names and messages come out of documents that anybody may have written. They stand as text: nothing in them is
a link, a picture, a mention, a heading or HTML. A fence is longer than any run of backticks within it. The
whole is short enough for a comment on GitHub.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from remediation.cli.output.scan_reports.groups import Group, counted, grouped, number, place
from remediation.estates.scanning import EVERY_RULE, Scan
from remediation.landing_zone.commands import SHELL
from remediation.model import Finding, Severity
from remediation.plain import clipped, plain

LONGEST = 60_000  # a comment on GitHub has at most 65,536 characters
LONGEST_LINE = 1_000
MOST_NAMES = 20
MOST_TYPED = 5
MOST_REASONS = 50
_SIGNS = re.compile(r"[\\`*_\[\]<>|~$&:@#]|(?i:(?<=www)\.)")
_ENTITIES = frozenset("<>&:.")
_TICKS = re.compile(r"`+")


def markdown(result: Scan, now: datetime, *, about: str) -> str:
    """The page; `about` says in a few words what was read."""
    lines: list[str] = []
    left = LONGEST
    for block in _blocks(result, now, about):
        left -= len(block) + 1
        if left < 0:
            lines.append("\n_There is more: `--format json` has all of it._\n")
            break
        lines.append(block)
    return "\n".join(lines) + "\n"


def _blocks(result: Scan, now: datetime, about: str) -> Iterator[str]:
    found = number(len(result.findings), "finding")
    headline = f"{found}, {counted(result.findings)}" if result.findings else _nothing(result)
    yield f"## Bastion Guard: {headline}"
    read = f"{text(about)}, {now:%Y-%m-%d %H:%M} UTC"
    yield f"\n{read}: {number(result.evaluated, 'resource')} judged" + (
        f", {number(len(result.unknowns), 'judgement')} could not be made.\n" if result.unknowns else ".\n"
    )
    for severity in sorted(Severity, reverse=True):
        groups = grouped(one for one in result.findings if one.severity is severity)
        if groups:
            yield f"### {severity.text.capitalize()}\n"
            yield from map(_block, groups)
    if result.unknowns:
        yield f"### Not known\n\n{_unknowns(result)}"
    yield from (f"> {text(note)}\n" for note in result.notes)


def _nothing(result: Scan) -> str:
    return "nothing drifted" if result.evaluated else "nothing was judged"


def _block(group: Group) -> str:
    """A group with its names, and what to type for the first few in a part that opens."""
    parts = [
        f"- **{text(group.message)}** ({code(group.first.rule)}) on {_names(group)}. {text(group.outcome)}"
    ]
    typed = [finding for finding in group.findings if finding.by_hand][:MOST_TYPED]
    if typed:
        parts += ["", f"  <details><summary>What to type ({SHELL})</summary>", ""]
        parts += [line for finding in typed for line in _typed(finding)]
        more = len([one for one in group.findings if one.by_hand]) - len(typed)
        parts += [f"  and for {more:,} more: `--format json` has them", ""] if more > 0 else []
        parts.append("  </details>")
    return "\n".join([*parts, ""])


def _names(group: Group) -> str:
    shown = ", ".join(code(_named(finding)) for finding in group.findings[:MOST_NAMES])
    more = len(group.findings) - MOST_NAMES
    return f"{shown} and {more:,} more" if more > 0 else shown


def _named(finding: Finding) -> str:
    group = finding.resource.resource_group
    return f"{group}/{place(finding.resource)}" if group else place(finding.resource)


def _typed(finding: Finding) -> Iterator[str]:
    commands = [plain(command) for command in finding.by_hand]
    fence = "`" * max(3, 1 + max((len(run) for one in commands for run in _TICKS.findall(one)), default=0))
    yield f"  {code(_named(finding))}"
    yield ""
    yield from (f"  {line}" for line in (f"{fence}bash", *commands, fence))
    yield ""


def _unknowns(result: Scan) -> str:
    reasons: dict[tuple[str, str], list[str]] = {}
    for unknown in result.unknowns:
        reasons.setdefault((unknown.rule, unknown.reason), []).append(place(unknown.resource))
    shown = list(reasons.items())[:MOST_REASONS]
    lines = [_unknown(rule, reason, names) for (rule, reason), names in shown]
    if len(reasons) > len(shown):
        lines.append(f"- and {len(reasons) - len(shown):,} more reasons")
    return "\n".join(lines) + "\n"


def _unknown(rule: str, reason: str, names: Sequence[str]) -> str:
    about = "" if rule == EVERY_RULE else f"{code(rule)} "
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return f"- {about}{', '.join(map(code, names[:3]))}{more}: {text(reason)}"


def text(foreign: str) -> str:
    """Foreign text as text: no sign in it means anything to Markdown, nor makes a link of an address."""
    return _SIGNS.sub(_escaped, clipped(plain(foreign), LONGEST_LINE))


def _escaped(match: re.Match[str]) -> str:
    """HTML's signs, and those that make bare links, as entities; all others with a stroke before them.

    Who is mentioned, and which issue, is found in what was rendered: only something between the sign and the
    name keeps them apart.
    """
    sign = match.group()
    if sign in "@#":
        return f"{sign}<!-- -->"
    return f"&#{ord(sign)};" if sign in _ENTITIES else f"\\{sign}"


def code(foreign: str) -> str:
    """Foreign text as code: within it only backticks mean anything, and a bar in a table."""
    return f"`{clipped(plain(foreign), LONGEST_LINE).replace('`', "'") or ' '}`"
