"""A resource's story as one HTML page: nothing is loaded from anywhere, so it can be kept and mailed.

Text from documents and events is escaped wherever it stands.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from string import Template
from typing import Any

from remediation.on_call.chronicle.report import approved_by
from remediation.telling.cards import advice
from remediation.telling.cards.words import kind_and_name, place, who

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { color-scheme: light dark; --line: #d0d7de; --soft: #57606a; --card: #fff; --page: #f6f8fa;
  --ink: #1f2328; --in: #dafbe1; --out: #ffebe9; --in-ink: #0a5323; --out-ink: #82071e; --mark: #0969da; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #9198a1; --card: #151b23;
  --page: #0d1117; --ink: #f0f6fc; --in: #12261e; --out: #25171c; --in-ink: #7ee2a8; --out-ink: #ff9492;
  --mark: #4493f8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } .soft, dt, time { color: var(--soft); }
ol { list-style: none; margin: 2rem 0 0; padding: 0 0 0 1.25rem; border-left: 2px solid var(--line); }
li { position: relative; margin: 0 0 1rem; padding: .75rem 1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; break-inside: avoid; }
li::before { content: ""; position: absolute; left: calc(-1.25rem - 7px); top: 1.1rem;
  width: 12px; height: 12px; border-radius: 50%; background: var(--line); }
li.written::before { background: #1a7f37; } li.announced::before { background: var(--mark); }
li h2 { font-size: 1rem; margin: 0; } li p { margin: .35rem 0 0; overflow-wrap: anywhere; }
time { font-variant-numeric: tabular-nums; font-size: .85rem; }
pre { margin: .5rem 0 0; padding: .5rem 0; border-radius: 6px; background: var(--page); white-space: pre-wrap;
  overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace; }
pre span { display: block; padding: 0 .75rem; } .in { background: var(--in); color: var(--in-ink); }
.out { background: var(--out); color: var(--out-ink); }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .15rem .75rem; margin: .5rem 0 0; }
dd { margin: 0; overflow-wrap: anywhere; } summary { cursor: pointer; color: var(--soft); margin-top: .5rem; }
@media print { body { background: #fff; } details { display: none; } }
</style>
</head>
<body><main>
<h1>$title</h1>
<p class="soft">$about</p>
<ol>
$entries</ol>
</main></body>
</html>
""")
VERBS = {
    "judged": "Judged", "written": "Written", "announced": "Announced", "waiting": "Waits",
    "skipped": "Not looked at", "baseline": "In force",
}  # fmt: skip


def page(entries: Sequence[Mapping[str, Any]], now: datetime, note: str = "") -> str:
    """The page of these entries (as `Historian.entry` gives them, the latest first), the oldest first.

    `note` is what the history cannot tell any more.
    """
    ordered = entries[::-1]
    resources = list(dict.fromkeys(entry["resource"].lower() for entry in ordered))
    made = f"{len(ordered)} entries, made {now:%Y-%m-%d %H:%M} UTC by Bastion Guard. Times are UTC."
    made += f" {note[:1].upper()}{note[1:]}." if note else ""
    items = "".join(_item(entry) for entry in ordered)
    return PAGE.substitute(title=escape(_title(ordered, resources)), about=escape(made), entries=items)


def report_page(entries: Sequence[Mapping[str, Any]], about: str, now: datetime, note: str) -> str:
    """The page of a report: writes alone (as `Historian.writes` gives them), without their documents."""
    made = f"{about}. Made {now:%Y-%m-%d %H:%M} UTC by Bastion Guard. Times are UTC."
    made += f" Incomplete: {note}." if note else ""
    items = "".join(_item(entry, documents=False) for entry in entries)
    return PAGE.substitute(title="What Bastion Guard changed", about=escape(made), entries=items)


def _title(ordered: Sequence[Mapping[str, Any]], resources: Sequence[str]) -> str:
    shortest = min(resources, key=len, default="")
    if not shortest or any(not (each + "/").startswith(shortest + "/") for each in resources):
        return "What Bastion Guard saw and did"
    spelled = next(entry["resource"] for entry in ordered if entry["resource"].lower() == shortest)
    kind, name = kind_and_name(spelled)
    group = place(spelled)[0]
    return f"The story of {kind} {name}" + (f" in {group}" if group else "")


def _item(entry: Mapping[str, Any], *, documents: bool = True) -> str:
    kind = entry["kind"]
    head = f"{VERBS.get(kind, kind)}: {entry['what']}"
    parts = [
        f'<time datetime="{escape(entry["at"])}">{escape(entry["at"][:19].replace("T", " "))}</time>',
        f"<h2>{escape(head)} <span class=soft>{escape(', '.join(entry['rules']))}</span></h2>",
        f"<p>{escape(entry['detail'])}</p>" if entry["detail"] else "",
        _lines(entry.get("diff") or ()),
        _facts(entry),
        _documents(entry) if kind == "written" and documents else "",
        _folded("The baseline", entry["text"]) if entry.get("text") else "",
    ]
    return f'<li class="{escape(kind)}">{"".join(parts)}</li>\n'


def _lines(lines: Sequence[str]) -> str:
    if not lines:
        return ""
    styles = {"+": "in", "-": "out"}
    spans = "".join(f'<span class="{styles.get(line[:1], "soft")}">{escape(line)}</span>' for line in lines)
    return f"<pre>{spans}</pre>"


def _facts(entry: Mapping[str, Any]) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _rows(entry))
    return f"<dl>{rows}</dl>" if rows else ""


def _rows(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind, name = kind_and_name(entry["resource"])
    if name:
        yield "Resource", f"{name} ({kind})" if kind else name
    if entry["actor"]:
        yield "Set off by", who(entry["actor"])
    yield from (("Ways in", line) for line in entry.get("closes") or ())
    yield from (("Traffic", line) for line in entry.get("traffic") or ())
    yield from (("Not known", line) for line in entry.get("unknown") or ())
    if entry["kind"] == "written":
        yield "Approved by", approved_by(entry)
    for name, key in (("Proof", "proof"), ("Operation", "operation"), ("Replay", "replayId")):
        if entry.get(key):
            yield name, str(entry[key])
    if entry.get("undoneBy"):
        yield "Taken back", f"by {entry['undoneBy']}"
    elif entry["kind"] == "written" and entry["what"] == "done":
        yield "To undo", advice.undo(entry["id"])


def _documents(entry: Mapping[str, Any]) -> str:
    """Before and after as ARM had them, folded away."""
    return "".join(
        _folded(name, _document(entry.get(key))) for name, key in (("Before", "before"), ("After", "after"))
    )


def _folded(name: str, text: str) -> str:
    return f"<details><summary>{name}</summary><pre><span>{escape(text)}</span></pre></details>"


def _document(body: Any) -> str:
    return "absent" if body is None else json.dumps(body, indent=2, ensure_ascii=False)
