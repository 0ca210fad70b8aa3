"""The page put together: template, style and script in one answer, with the headers that guard it.

It holds no data, so anybody may have it: what it shows it asks for with the rights of whoever looks. Nothing
in it changes from one answer to the next, so its policy names style and script by their hashes, and a browser
that has it is answered 304.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
SCRIPTS = (
    "elements.js",
    "words.js",
    "address.js",
    "talk.js",
    "diff.js",
    "state.js",
    "notices.js",
    "list.js",
    "week.js",
    "finding.js",
    "verbs.js",
    "dialog.js",
    "page.js",
)


@dataclass(frozen=True, slots=True)
class Page:
    """The page as an answer, and the headers that it must not be served without."""

    text: str
    headers: Mapping[str, str]
    status: int = 200
    content_type: str = "text/html"

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


def answer(headers: Mapping[str, str]) -> Page:
    """What a browser gets whose request has these headers (lower case): the page, or that it has it."""
    whole = page()
    known = [each.strip().removeprefix("W/") for each in headers.get("if-none-match", "").split(",")]
    return replace(whole, text="", status=304) if whole.etag in known else whole


@cache
def page() -> Page:
    """Read from the package when the page is asked for, once for each process: a cold start does without."""
    style = _text("page.css")
    script = "".join(f"// {name}\n{_text(name)}" for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{script}}})();\n'
    text = Template(_text("page.html")).substitute(style=style, script=script)
    return Page(text, _headers(text, _hash(style), _hash(script)))


def _headers(text: str, style: str, script: str) -> Mapping[str, str]:
    return {
        "Content-Security-Policy": _policy(style, script),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-cache",
        "ETag": f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"',
    }


def _policy(style: str, script: str) -> str:
    """One style, one script, no markup made of text, requests to this app alone, and no frame around it."""
    ours = f"style-src {style}; script-src {script}; connect-src 'self'; img-src data:"
    shut = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return f"default-src 'none'; {ours}; {shut}; require-trusted-types-for 'script'; trusted-types 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
