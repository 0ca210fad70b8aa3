"""A Teams Workflows webhook: takes the request at once, and shows the card or drops it later, as Teams does.

202 promises nothing there either: a card that is too large or not understood is accepted and never seen.
Such cards are kept in `rejected` with the reasons.

Every other path is a webhook of its own, for channels beside this one: of Teams, of Slack, or of somebody who
takes CloudEvents, told apart by what comes.
"""

import asyncio
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from lab.adaptive_card import faults_of
from lab.slack import faults_of_message

CARD = "application/vnd.microsoft.card.adaptive"
LIMIT = 28_672
"""Bytes after Teams' own wrapping."""
ADVISED = 20 * 1024
"""Bytes of a request that are safe whatever the wrapping makes of them."""
MAX_REQUEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request to the webhook: its bytes, as sent and as Teams counts them, and what is wrong with it.

    `path` is where it came, "" for the one workflow; `headers` are those that sign it, `raw` what is signed.
    """

    request: Any
    bytes: int
    counted: int
    faults: tuple[str, ...] = ()
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    raw: str = ""

    @property
    def card(self) -> Any:
        """The Adaptive Card in it, or the whole of what came where that is none."""
        return next(iter(_cards_in(self.request)), self.request if self.path else None)


@dataclass(slots=True)
class Outage:
    """What the webhook answers instead for the next `requests` (None: until told otherwise).

    `delay` seconds pass before any answer; status 0 closes the connection without one. With a `path` only the
    webhook there is out of order. `code` is that of the error in the answer: a workflow that is switched off
    says 400 WorkflowTriggerIsNotEnabled.
    """

    status: int
    retry_after: int | None = None
    delay: float = 0.0
    requests: int | None = None
    code: str = ""
    path: str | None = None


@dataclass(slots=True)
class Teams:
    """The webhook of one channel. `path` holds the workflow's signature and is a secret."""

    signature: str
    shown: list[Receipt] = field(default_factory=list)
    rejected: list[Receipt] = field(default_factory=list)
    outage: Outage | None = None
    refused: int = 0

    @property
    def path(self) -> str:
        return f"/workflows/lab/triggers/manual/paths/invoke?api-version=2016-06-01&sig={self.signature}"

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards people see, oldest first."""
        return [receipt.card for receipt in self.shown]

    def cards_at(self, path: str) -> list[dict[str, Any]]:
        """What was shown of one webhook; "" is the one workflow."""
        return [receipt.card for receipt in self.shown if receipt.path == path.strip("/")]

    @property
    def app(self) -> web.Application:
        """The webhook with its own `/_lab` routes."""
        app = web.Application(client_max_size=MAX_REQUEST)
        app.add_routes(self.routes())
        app.router.add_post("/{tail:.*}", self._post)
        return app

    def routes(self) -> list[web.RouteDef]:
        """`/_lab/cards` and `/_lab/teams`, for whichever server shows the lab's state."""
        return [
            web.get("/_lab/cards", self._show_cards),
            web.get("/_lab/teams", self._show_state),
            web.post("/_lab/teams", self._change_state),
        ]

    async def _post(self, request: web.Request) -> web.Response:
        path = "" if request.path == self.path.partition("?")[0] else request.path.strip("/")
        answer = await self._out_of_order(request, path)
        if answer is not None:
            self.refused += 1
            return answer
        if not path and not hmac.compare_digest(
            request.query.get("sig", "").encode(), self.signature.encode()
        ):
            raise web.HTTPUnauthorized(text="the signature is missing or wrong")
        body = await request.read()
        try:
            document = json.loads(body)
        except ValueError as error:
            raise web.HTTPBadRequest(text=f"not JSON: {error}") from error
        self._keep(document, body, path, request.headers)
        return web.Response(status=202)

    async def _out_of_order(self, request: web.Request, path: str) -> web.Response | None:
        outage = self.outage
        if outage is None or outage.path not in {None, path}:
            return None
        if outage.requests is not None:
            outage.requests -= 1
            self.outage = outage if outage.requests > 0 else None
        await asyncio.sleep(outage.delay)
        if outage.status == 0 and request.transport is not None:
            request.transport.close()
        headers = {} if outage.retry_after is None else {"Retry-After": str(outage.retry_after)}
        if outage.code:
            error = {"error": {"code": outage.code, "message": "Refused by the lab."}}
            return web.json_response(error, status=outage.status or 500, headers=headers)
        return web.Response(status=outage.status or 500, headers=headers)

    def _keep(self, document: Any, body: bytes, path: str, headers: Mapping[str, str]) -> None:
        counted = counted_bytes(body)
        if path and not _is_for_teams(document):
            faults = [] if "specversion" in str(document) else faults_of_message(document)
        else:
            faults = [*_faults_of_request(document), *_faults_of_size(counted)]
        signed = {name.lower(): text for name, text in headers.items() if name.lower().startswith("webhook-")}
        receipt = Receipt(
            document, len(body), counted, tuple(faults), path, signed, body.decode(errors="replace")
        )
        (self.rejected if faults else self.shown).append(receipt)

    async def _show_cards(self, request: web.Request) -> web.Response:
        path = request.query.get("path")
        return web.json_response(self.cards if path is None else self.cards_at(path))

    async def _show_state(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "shown": len(self.shown),
                "refused": self.refused,
                "largestRequest": max((each.bytes for each in self.shown), default=0),
                "overAdvice": sum(each.bytes > ADVISED for each in self.shown),
                "rejected": [{"request": each.request, "reasons": each.faults} for each in self.rejected],
                "outage": None if self.outage is None else asdict(self.outage),
            }
        )

    async def _change_state(self, request: web.Request) -> web.Response:
        """`{"status": 429, "retry_after": 2, "requests": 3}` takes it down, `{}` brings it back."""
        try:
            wanted = await request.json()
            self.outage = Outage(**wanted) if wanted else None
        except (ValueError, TypeError) as error:
            raise web.HTTPBadRequest(text=f"status, retry_after, delay, requests, code: {error}") from error
        return await self._show_state(request)


def _is_for_teams(document: Any) -> bool:
    return isinstance(document, dict) and document.get("type") == "message"


def counted_bytes(body: bytes) -> int:
    """A request's size as Teams counts it: carried as text inside another JSON document.

    Unconfirmed. One request of 24,453 bytes was counted as 28,897; escaping its quotes explains that.
    """
    return len(json.dumps(body.decode(errors="replace"), ensure_ascii=False).encode())


def _faults_of_size(counted: int) -> list[str]:
    return [f"{counted} bytes as Teams counts them, the limit is {LIMIT}"] if counted > LIMIT else []


def _faults_of_request(document: Any) -> list[str]:
    """What is wrong with the envelope and the cards in it."""
    if not isinstance(document, dict) or document.get("type") != "message":
        return ["request: not an object of type message"]
    faults = [f"request: {key} is not known" for key in sorted(document.keys() - {"type", "attachments"})]
    attachments = document.get("attachments")
    if not isinstance(attachments, list) or len(attachments) != 1:
        return [*faults, "request: exactly one attachment is wanted"]
    return faults + _faults_of_attachment(attachments[0])


def _faults_of_attachment(attachment: Any) -> list[str]:
    if not isinstance(attachment, dict):
        return ["attachment: not an object"]
    known = {"contentType", "contentUrl", "content"}
    faults = [f"attachment: {key} is not known" for key in sorted(attachment.keys() - known)]
    if attachment.get("contentType") != CARD:
        faults.append(f"attachment: contentType is not {CARD}")
    if attachment.get("contentUrl") is not None:
        faults.append("attachment: contentUrl is not null")
    return faults + faults_of(attachment.get("content"))


def _cards_in(document: Any) -> list[Any]:
    attachments = document.get("attachments") if isinstance(document, dict) else None
    found = attachments if isinstance(attachments, list) else []
    return [each.get("content") for each in found if isinstance(each, dict)]
