"""An app that stands in for the real one: it answers by the agreed contract, out of memory, on loopback.

What it lacks is judgement: `apply` says done. Everything around that is as agreed: who may what, etags,
`If-Match`, the header that no other page can send, pages of a hundred.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from remediation.app.board.page import page
from tests.unit.board.samples import NOW, SEVERITIES, WHY_NOT, Json, etag_of, fixed, gallery, iso

KEY = "function-key"
SUMMARY = (
    "id",
    "etag",
    "rule",
    "title",
    "severity",
    "resource",
    "name",
    "subscription",
    "resourceGroup",
    "state",
    "disposition",
    "owner",
    "channels",
    "message",
    "openedAt",
    "changedAt",
    "change",
    "heldBackBy",
    "exemptUntil",
    "acknowledgedBy",
    "actor",
)
VERBS = ("apply", "exempt", "undo", "look", "ack", "accept")
SIGN_IN = "/.auth/login/aad"


@dataclass
class App:
    """What it holds and how it behaves; tests change both as they go."""

    findings: list[Json] = field(default_factory=list)
    person: str = "engineer"  # engineer, reader, stranger, or "" for nobody
    signs_in: bool = True
    down: bool = False
    busy: bool = False
    refuses: str = ""  # why a guard refuses what is asked
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[Json] = field(default_factory=list)

    def of(self, name: str) -> Json:
        return next(one for one in self.findings if one["name"] == name or one["id"] == name)

    def change(self, found: Json, **changes: Any) -> None:
        """As if the resource, or somebody, had changed it."""
        found |= {"seq": found["seq"] + 1, **changes}

    def may(self, right: str) -> bool:
        return self.person == "engineer" or (self.person == "reader" and right == "read")

    # Answers ---------------------------------------------------------------------------------------

    def me(self) -> Json:
        name = f"{self.person}@contoso.example" if self.person else ""
        rights = {right: self.may(right) for right in ("read", "apply", "exempt")}
        sign_in = SIGN_IN if self.signs_in else ""
        return {
            "name": name,
            "objectId": "aaaaaaaa-2222-4333-8444-555555555555" if name else "",
            "may": rights,
            "signedIn": bool(name),
            "signIn": sign_in,
        }

    def listed(self, query: dict[str, str]) -> Json:
        state = query.get("state", "open")
        keys = [name for name in ("severity", "rule", "owner", "subscription") if query.get(name)]
        wanted = [
            one
            for one in self.findings
            if state in {"all", one["state"]} and all(one[name] == query[name] for name in keys)
        ]
        wanted.sort(key=_worst_first if state == "open" else _by_id)
        begin, size = int(query.get("next", "0")), int(query.get("limit", "100"))
        opened = [one["severity"] for one in self.findings if one["state"] == "open"]
        counts = {
            "open": {severity: opened.count(severity) for severity in SEVERITIES},
            "exempt": sum(one["state"] == "exempt" for one in self.findings),
            "fixedThisWeek": sum(one["state"] == "fixed" for one in self.findings),
        }
        following = str(begin + size) if begin + size < len(wanted) else None
        shown = [self.summary(one) for one in wanted[begin : begin + size]]
        return {"findings": shown, "next": following, "counts": counts, "now": iso(NOW)}

    def summary(self, found: Json) -> Json:
        whole = found | {"etag": etag_of(found)}
        return {key: whole[key] for key in SUMMARY}

    def detail(self, found: Json) -> Json:
        shown = {key: value for key, value in found.items() if key != "seq"}
        return {**shown, "etag": etag_of(found), "can": {verb: self.can(found, verb) for verb in VERBS}}

    def can(self, found: Json, verb: str) -> Json:
        right = {"look": "read", "exempt": "exempt", "undo": "apply"}.get(verb, "apply")
        if not self.person:
            return {"ok": False, "why": "the function key reads and does nothing else: sign in"}
        if not self.may(right):
            return WHY_NOT
        if verb == "apply" and found["fix"] is None:
            return {"ok": False, "why": "there is no proven repair to apply"}
        return {"ok": True, "why": ""}

    def week(self) -> Json:
        repaired = [
            {
                "id": one["id"],
                "at": one["changedAt"],
                "resource": one["resource"],
                "rule": one["rule"],
                "seconds": 41,
            }
            for one in self.findings
            if one["state"] == "fixed"
        ]
        watched = {
            "subscriptions": sorted({one["subscription"] for one in self.findings} or {"a"}),
            "rules": 42,
            "mode": "observe",
            "lastLookAt": iso(NOW - timedelta(minutes=4)),
        }
        middle = 41 if repaired else None
        return {
            "repaired": repaired,
            "repairedCount": len(repaired),
            "medianSeconds": middle,
            "watched": watched,
        }

    def done(self, found: Json, verb: str, body: Json) -> tuple[int, Json]:
        who = self.me()["name"]
        match verb:
            case "apply":
                self.change(
                    found, state="fixed", change="DriftFixed", writeId="20261129-093001-4f1c", heldBackBy=[]
                )
            case "undo":
                self.change(found, state="open", change="DriftReopened", writeId="")
            case "exempt":
                until = iso(NOW + timedelta(hours=int(body["exemptFor"].removesuffix("h"))))
                self.change(found, state="exempt", exemptUntil=until, change="DriftExempted")
            case "ack":
                self.change(found, acknowledged={"by": who, "at": iso(NOW)}, acknowledgedBy=who)
            case "accept":
                self.change(found, state="resolved", change="DriftResolved")
        said = {"apply": f"applied to {found['name']}", "look": "looked at: it is as it was"}.get(
            verb, f"{verb}: recorded"
        )
        return 200, {"done": said, "finding": self.detail(found)}


def _worst_first(found: Json) -> tuple[int, str]:
    return SEVERITIES.index(found["severity"]), found["openedAt"]


def _by_id(found: Json) -> str:
    """The order of all but the open ones, which says nothing."""
    return str(found["id"])


def problem(status: int, title: str, detail: str, **more: Any) -> tuple[int, Json]:
    return status, {
        "type": "about:blank",
        "status": status,
        "title": title,
        "detail": detail,
        "errors": [detail],
        **more,
    }


class _Handler(BaseHTTPRequestHandler):
    app: App
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def do_GET(self) -> None:
        where, query = self._where()
        if where == "/api/board":
            self._send(200, page().text, "text/html; charset=utf-8", dict(page().headers))
        elif where == SIGN_IN:
            self.app.person = "engineer"
            self._send(302, "", "text/plain", {"Location": query["post_login_redirect_uri"]})
        elif self.app.down:
            self.close_connection = True
        else:
            self._answer(*self._told(where.removeprefix("/api/"), query))

    def do_POST(self) -> None:
        where, _ = self._where()
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.app.down:
            self.close_connection = True
            return
        _, identity, verb = where.removeprefix("/api/").split("/")
        self._answer(*self._acted(identity, verb, body))

    def _where(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        self.app.asked.append(
            (self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        )
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _told(self, where: str, query: dict[str, str]) -> tuple[int, Json]:
        app = self.app
        if where == "me":
            return 200, app.me()
        reads = app.may("read") or self.headers.get("x-functions-key") == KEY
        if not app.person and not reads:
            return problem(401, "not signed in", "sign in to see findings")
        if not reads:
            return problem(403, "not permitted", "people.read of the baseline does not name you")
        if app.busy:
            return problem(503, "not now", "the ledger does not answer")
        if where == "findings":
            return 200, app.listed(query)
        if where == "summary":
            return 200, app.week()
        found = next((one for one in app.findings if where == f"findings/{one['id']}"), None)
        return (200, app.detail(found)) if found else problem(404, "not found", "no finding has this id")

    def _acted(self, identity: str, verb: str, body: bytes) -> tuple[int, Json]:
        app, found = self.app, self.app.of(identity)
        if self.headers.get("X-Bastion-Guard") != "1":
            return problem(403, "not permitted", "the header X-Bastion-Guard is missing")
        if not app.person:
            return problem(401, "not signed in", "sign in to act")
        if not app.can(found, verb)["ok"]:
            return problem(403, "not permitted", app.can(found, verb)["why"])
        match = self.headers.get("If-Match")
        if verb not in {"look", "undo"} and match is None:
            return problem(428, "If-Match is missing", "say what was shown")
        if match is not None and match != f'"{etag_of(found)}"':
            return problem(412, "changed since", "it changed since you looked", finding=app.detail(found))
        if app.refuses:
            return problem(409, "refused", app.refuses)
        wanted = json.loads(body or b"{}")
        if verb == "exempt" and not wanted.get("reason"):
            return problem(422, "not a change", "reason: is missing")
        app.bodies.append(wanted)
        return app.done(found, verb, wanted)

    def _answer(self, status: int, body: Json) -> None:
        text = json.dumps(body)
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            self._send(304, "", "application/json", {"ETag": etag})
            return
        kind = "application/problem+json" if status >= 400 else "application/json"
        self._send(status, text, kind, {"ETag": etag})

    def _send(self, status: int, text: str, kind: str, headers: dict[str, str]) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(app: App) -> Iterator[str]:
    """The address of the app's page while it is served."""
    handler = type("Handler", (_Handler,), {"app": app})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/board"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def example() -> App:
    """An app with one finding of each kind, and a few repairs behind it."""
    return App(gallery() + [fixed(20 + number) for number in range(6)])
