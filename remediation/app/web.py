"""The HTTP face of replay and history, bounded in size and time, every mistake named.

Who may call is decided in three steps: the platform checks the function key (401); where REPLAY_PRINCIPALS
is set, the caller must be signed in with Entra ID (401) and be one of them (403).
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from remediation.app.answering import answered, later
from remediation.app.answers import Answer, problem
from remediation.errors import InputError
from remediation.on_call import history, replay_request
from remediation.on_call.replay_request import Request
from remediation.on_call.tools import OnCall

log = logging.getLogger("bastion_guard.web")

MAX_REPLAY_BYTES = 4 * 1024 * 1024
MOST_TARGETS = 50
LONGEST = timedelta(seconds=90)
AT_A_TIME = 2
KEY = "code"
"""The function key, where a caller puts it into the address."""
PRINCIPAL = "x-ms-client-principal-id"
"""Set by App Service authentication for whoever signed in, which strips what callers send of these names."""


class Web:
    """The answers to requests. `tools` raises ConfigurationError while settings or baseline are wrong."""

    def __init__(self, tools: Callable[[], OnCall], principals: Callable[[], frozenset[str]]) -> None:
        self._tools = tools
        self._principals = principals
        self._lanes = threading.BoundedSemaphore(AT_A_TIME)

    def replay(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """202 with what was queued; 200 with what would happen for a dry run."""
        if len(body) > MAX_REPLAY_BYTES:
            return problem(413, "too large", [f"the body has more than {MAX_REPLAY_BYTES} bytes"])
        try:
            wanted = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            return problem(400, "not JSON", [str(error)])
        return self._answered(
            headers, "cannot be replayed", lambda tools: self._replay(tools, wanted, headers)
        )

    def history(self, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """200 with a page of the lines asked for, or with the one entry of `id`; 404 where there is none."""
        wanted = {key: value for key, value in query.items() if key != KEY}

        def told(tools: OnCall) -> Answer:
            return _entry(tools, wanted) if "id" in wanted else _lines(tools, wanted)

        return self._answered(headers, "cannot be asked", told)

    def _replay(self, tools: OnCall, wanted: object, headers: Mapping[str, str]) -> Answer:
        request = replay_request.read(wanted, tools.ports.clock.now())
        if request.source == "dead-letters" and tools.sources.dead_letters() is None:
            return problem(409, "no dead letters", ["setting DEAD_LETTER_CONTAINER: is missing"])
        if not self._lanes.acquire(blocking=False):
            return later(f"{AT_A_TIME} replays are being prepared already", None)
        try:
            answer = _preview(tools, request) if request.dry_run else _queue(tools, request)
        finally:
            self._lanes.release()
        facts = {
            "replay_id": answer.body.get("replayId", ""),
            "source": request.source,
            "dry_run": request.dry_run,
        }
        log.info("replay.requested", extra={**facts, "principal": headers.get(PRINCIPAL, "")})
        return answer

    def _answered(self, headers: Mapping[str, str], title: str, answer: Callable[[OnCall], Answer]) -> Answer:
        """The answer, or the problem that each kind of error is."""

        def told() -> Answer:
            return _stranger(headers, self._principals()) or answer(self._tools())

        return answered(title, told)


def _stranger(headers: Mapping[str, str], principals: frozenset[str]) -> Answer | None:
    """The refusal of a caller who is not one of those named; None where anybody with the key may call."""
    if not principals:
        return None
    caller = headers.get(PRINCIPAL, "").strip().lower()
    if not caller:
        return problem(401, "not signed in", ["sign in with Entra ID; a function key alone does not do here"])
    if caller not in principals:
        return problem(403, "not permitted", ["you are not one of REPLAY_PRINCIPALS"])
    return None


def _queue(tools: OnCall, request: Request) -> Answer:
    gathered = tools.replay(request, deadline=tools.ports.clock.now() + LONGEST)
    if request.ids and not gathered.work and not gathered.more:
        return problem(404, "not found", ["the inbox has no event of these ids"])
    return Answer(202, gathered.to_json())


def _preview(tools: OnCall, request: Request) -> Answer:
    deadline = tools.ports.clock.now() + LONGEST
    gathered, found, left = tools.preview(request, most=MOST_TARGETS, deadline=deadline)
    told = {**gathered.to_json(), "queued": 0, "dryRun": True, "notLookedAt": left}
    return Answer(200, {**told, "targets": [prospect.to_json() for prospect in found]})


def _lines(tools: OnCall, query: Mapping[str, str]) -> Answer:
    values: dict[str, Any] = {**query}
    if str(values.get("limit", "")).isdecimal() and len(values["limit"]) < 9:
        values["limit"] = int(values["limit"])
    page = tools.history().page(history.read(values, tools.ports.clock.now()))
    return Answer(200, page.to_json())


def _entry(tools: OnCall, query: Mapping[str, str]) -> Answer:
    if len(query) > 1:
        raise InputError("id: goes with no other option")
    identity = query["id"]
    entry = tools.history().entry(identity[:200])
    if entry is None:
        forgotten = tools.history().extent().note_on(identity)
        return problem(404, "not found", [f"the history has no entry {identity[:80]!r}{forgotten}"])
    return Answer(200, entry)
