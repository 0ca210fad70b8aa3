"""A Teams Workflows webhook: takes the request at once, and shows the card or drops it later, as Teams does.

202 promises nothing there either: a card that is too large or not understood is accepted and never seen.
Such cards are kept in `rejected` with the reasons.
"""

import asyncio
import hmac
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from lab.adaptive_card import faults_of

CARD = "application/vnd.microsoft.card.adaptive"
LIMIT = 28_672
"""Bytes after Teams' own wrapping."""
ADVISED = 20 * 1024
"""Bytes of a request that are safe whatever the wrapping makes of them."""
MAX_REQUEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request to the webhook: its bytes, as sent and as Teams counts them, and what is wrong with it."""

    request: Any
    bytes: int
    counted: int
    faults: tuple[str, ...] = ()

    @property
    def card(self) -> Any:
        """The Adaptive Card in it; None when there is none."""
        return next(iter(_cards_in(self.request)), None)


@dataclass(slots=True)
class Outage:
    """What the webhook answers instead for the next `requests` (None: until told otherwise).

    `delay` seconds pass before any answer; status 0 closes the connection without one. `code` is that of the
    error in the answer: a workflow that is switched off says 400 WorkflowTriggerIsNotEnabled.
    """

    status: int
    retry_after: int | None = None
    delay: float = 0.0
    requests: int | None = None
    code: str = ""


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

    @property
    def app(self) -> web.Application:
        """The webhook with its own `/_lab` routes."""
        app = web.Application(client_max_size=MAX_REQUEST)
        app.router.add_post("/workflows/{tail:.*}", self._post)
        app.add_routes(self.routes())
        return app

    def routes(self) -> list[web.RouteDef]:
        """`/_lab/cards` and `/_lab/teams`, for whichever server shows the lab's state."""
        return [
            web.get("/_lab/cards", self._show_cards),
            web.get("/_lab/teams", self._show_state),
            web.post("/_lab/teams", self._change_state),
        ]

    async def _post(self, request: web.Request) -> web.Response:
        answer = await self._out_of_order(request)
        if answer is not None:
            self.refused += 1
            return answer
        if not hmac.compare_digest(request.query.get("sig", "").encode(), self.signature.encode()):
            raise web.HTTPUnauthorized(text="the signature is missing or wrong")
        body = await request.read()
        try:
            document = json.loads(body)
        except ValueError as error:
            raise web.HTTPBadRequest(text=f"not JSON: {error}") from error
        self._keep(document, body)
        return web.Response(status=202)

    async def _out_of_order(self, request: web.Request) -> web.Response | None:
        outage = self.outage
        if outage is None:
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

    def _keep(self, document: Any, body: bytes) -> None:
        counted = counted_bytes(body)
        faults = [*_faults_of_request(document), *_faults_of_size(counted)]
        receipt = Receipt(document, len(body), counted, tuple(faults))
        (self.rejected if faults else self.shown).append(receipt)

    async def _show_cards(self, _request: web.Request) -> web.Response:
        return web.json_response(self.cards)

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
