"""The page put together: template, style, script and data in one file.

Its policy names style and script by their hashes: whatever a name from a document might smuggle in, nothing
but these two runs, and nothing is ever asked of any host.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template

from remediation.cli.output import ways_words as words
from remediation.cli.output.ways_page.drawing import Data, drawing
from remediation.ways.report import Report

HERE = Path(__file__).parent
SCRIPTS = (
    "elements.js",
    "estate.js",
    "camera.js",
    "routes.js",
    "map.js",
    "list.js",
    "detail.js",
    "print.js",
    "page.js",
)
_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def page(report: Report, now: datetime, *, about: str, owner_tag: str = "owner") -> str:
    """The page of a report; `about` says in a few words what was read."""
    style, script = _parts()
    return Template(_text("page.html")).substitute(
        policy=escape(_policy(style, script)),
        style=style,
        script=script,
        data=_embedded(drawing(report, owner_tag)),
        about=escape(f"{words.printable(about)}, {now:%Y-%m-%d %H:%M} UTC"),
        plainly="".join(_plainly(report)),
    )


def allowed() -> tuple[str, str]:
    """The hashes of its style and its script, for the policy of a page that it is shown in."""
    style, script = _parts()
    return _hash(style), _hash(script)


def _parts() -> tuple[str, str]:
    script = "".join(f"// {name}\n{_text(name)}" for name in SCRIPTS)
    return _text("page.css"), f'"use strict";\n(() => {{\n{script}}})();\n'


def _policy(style: str, script: str) -> str:
    ours = f"style-src {_hash(style)}; script-src {_hash(script)}"
    return f"default-src 'none'; {ours}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _embedded(data: Data) -> str:
    """JSON that cannot end the element it stands in, whatever the names in it are."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPT)


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _plainly(report: Report) -> Iterator[str]:
    """What a reader without scripts gets: the counts, and the machines to worry about."""
    counts = Counter(machine.verdict for machine in report.machines)
    yield f"<p>{counts['open']} open, {counts['unknown']} not known, {counts['closed']} closed.</p>\n<ul>"
    for machine in report.machines:
        if machine.verdict != "closed":
            yield f"<li><bdi>{escape(words.name(machine.id))}</bdi>: {escape(words.summary(machine))}</li>\n"
    yield "</ul>"
