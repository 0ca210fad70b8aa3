"""Send recorded sessions to the lab's ARM over HTTP, in order, and compare every answer."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from lab.arm import ids
from tests.conformance.compare import Bindings, Comparison, Difference, compare_headers, compare_list
from tests.conformance.recordings import OPERATION, Interaction, Session
from tests.conformance.shown import Document, resources_in
from tests.conformance.world import Surroundings

CALLER = "replay"
LONG = 1_000_000.0  # seconds a poll stands for while a session polls: then only polls end operations
# What operations are counted under when the recording does not show who began them.
UNKNOWN = "operations of other types"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


class Client:
    """A plain HTTP client: nothing is retried, followed or interpreted."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def send(self, method: str, target: str, body: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {CALLER}", "Content-Type": "application/json"}
        payload = None if body is None else json.dumps(body).encode()
        self._connection.request(method, target, payload, headers)
        response = self._connection.getresponse()
        raw = response.read()
        kind = response.headers.get_content_type()
        value = json.loads(raw) if raw and kind == "application/json" else raw.decode(errors="replace")
        return Answer(response.status, {key.lower(): text for key, text in response.headers.items()}, value)

    def lab(self, method: str, name: str, body: Any = None) -> Any:
        answer = self.send(method, f"/_lab/{name}", body)
        if answer.status >= 300:
            raise ValueError(f"/_lab/{name}: {answer.body}")
        return answer.body

    def look(self, resource_id: str) -> Document | None:
        """A resource as it is now, asked for outside the session."""
        answer = self.send("GET", f"{quote(resource_id)}?api-version=2025-05-01")
        return answer.body if answer.status == 200 and isinstance(answer.body, dict) else None

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One interaction replayed: what it was counted under, and how the answer differed."""

    session: str
    number: int
    kind: str
    operation: str
    differences: tuple[Difference, ...]


@dataclass(slots=True)
class Replay:
    """One session on an empty lab."""

    client: Client
    session: Session
    bindings: Bindings = field(default_factory=Bindings)
    _kinds: dict[str, str] = field(default_factory=dict)  # recorded operation -> type of what it changes
    _unpolled: bool = False

    def run(self) -> list[Outcome]:
        self.client.lab("POST", "reset")
        self.client.lab("POST", "settings", {"subscriptions": self._subscriptions()})
        surroundings = Surroundings(self.session, self.client.lab, self.client.look, self.bindings.translated)
        found = []
        for index, interaction in enumerate(self.session.interactions):
            try:
                differences = self._one(index, surroundings)
            except (LookupError, TypeError, ValueError, AttributeError) as problem:
                differences = [
                    Difference("replay", "an answer", repr(problem))
                ]  # a shape nobody foresaw counts too
            found.append(Outcome(self.session.name, interaction.number, self._kind(interaction),
                                 interaction.method, tuple(differences)))  # fmt: skip
        return found

    def _subscriptions(self) -> list[str]:
        """Those the session was recorded in: they existed, whatever stood in them."""
        named = {each.arm_path.subscription for each in self.session.interactions if each.status != 404}
        return sorted(named - {""})

    def _one(self, index: int, surroundings: Surroundings) -> list[Difference]:
        interaction = self.session.interactions[index]
        surroundings.before(index)
        self._let_time_pass(interaction)
        self._foresee(interaction)
        answer = self._send(interaction)
        surroundings.after(index)
        own = surroundings.own | {
            key for doc in resources_in(interaction) for key in _within(doc, surroundings.own)
        }
        return self._compare(interaction, answer, own)

    def _kind(self, interaction: Interaction) -> str:
        """The type an interaction is counted under: polls count for what their operation changes."""
        if interaction.is_poll:
            return self._kinds.get(interaction.operation_id, UNKNOWN)
        parts = [each for each in interaction.arm_path.type.split("/")[1:] if each]
        kind = parts[-1] if parts else "unknown"
        if interaction.operation_id:
            self._kinds[interaction.operation_id] = kind
        return kind

    def _foresee(self, interaction: Interaction) -> None:
        """Let an operation take the polls it took when it was recorded; begin here those begun elsewhere."""
        operation = interaction.operation_id
        if not operation:
            return
        polls = self.session.polls(operation)
        if not interaction.is_poll:
            interval = LONG if polls else 1.0
            self.client.lab("POST", "settings", {"polls_all": max(1, polls), "poll_interval": interval})
            self._unpolled = self._unpolled or not polls
        elif ("operation", operation) not in self.bindings.forward:
            begun = _begun_elsewhere(interaction, self.session.end_of(operation)) | {"polls": max(1, polls)}
            self.bindings.forward["operation", operation] = self.client.lab("POST", "operations", begun)["id"]

    def _let_time_pass(self, interaction: Interaction) -> None:
        """An operation nobody polled had ended by the time its resource was seen at rest."""
        state = interaction.body.get("properties") if isinstance(interaction.body, dict) else None
        moving = isinstance(state, dict) and state.get("provisioningState") in {"Updating", "Deleting"}
        if self._unpolled and not interaction.is_poll and not (interaction.method == "GET" and moving):
            self.client.lab("POST", "advance", {"seconds": 2})
            self._unpolled = False

    def _send(self, interaction: Interaction) -> Answer:
        path = interaction.path
        if interaction.is_poll:
            actual = self.bindings.forward.get(
                ("operation", interaction.operation_id), interaction.operation_id
            )
            path = OPERATION.sub(lambda found: f"/{found[1]}/{actual}", path)
        target = f"{quote(path, safe='/%')}?{quote(interaction.query, safe='=&%$()/')}"
        answer = self.client.send(interaction.method, target, self._body(interaction))
        begun = OPERATION.search(
            answer.headers.get("azure-asyncoperation") or answer.headers.get("location", "")
        )
        if begun and interaction.operation_id and not interaction.is_poll:
            self.bindings.forward["operation", interaction.operation_id] = begun[2]
        return answer

    def _body(self, interaction: Interaction) -> Any:
        """The body as recorded; one the recorder blanked out is told from the answer."""
        sent = interaction.sent
        if sent is not None and not isinstance(sent, dict) and isinstance(interaction.body, dict):
            sent = {
                key: interaction.body[key]
                for key in ("location", "tags", "sku", "properties")
                if key in interaction.body
            }
        return self.bindings.translated(sent)

    def _compare(self, interaction: Interaction, answer: Answer, own: set[str]) -> list[Difference]:
        comparison = Comparison(self.bindings)
        if interaction.status != answer.status:
            comparison.note("status", interaction.status, f"{answer.status} {_code(answer.body)}")
            return comparison.differences
        compare_headers(comparison, interaction.source, interaction.headers, answer.headers)
        expected = interaction.body
        if (
            isinstance(expected, dict)
            and isinstance(expected.get("value"), list)
            and not interaction.arm_path.complete
        ):
            actual = answer.body.get("value", []) if isinstance(answer.body, dict) else []
            compare_list(comparison, expected["value"], actual, own, whole=True)
        elif isinstance(expected, str) and expected:
            if ("<html" in expected) != ("<html" in str(answer.body)):
                comparison.note("body", expected[:40], str(answer.body)[:40])
        elif expected not in {None, ""} if not isinstance(expected, dict | list) else True:
            comparison.values("", "", expected, answer.body)
        elif answer.body not in {None, ""}:
            comparison.note("body", "empty", str(answer.body)[:80])
        return comparison.differences


def _begun_elsewhere(poll: Interaction, end: Interaction | None) -> Document:
    """An operation whose beginning was not recorded, as its polls show it."""
    path = poll.arm_path
    begun: Document = {"subscription": path.subscription, "seconds": LONG}
    begun["location"] = path.names[0] if len(path.names) > 1 else "westus"
    body = end.body if end is not None else None
    if isinstance(body, dict) and end is not None:
        begun |= (
            {"result": body}
            if end.is_result
            else {key: body[key] for key in ("status", "error") if key in body}
        )
    return begun


def _within(document: Document, own: set[str]) -> set[str]:
    """A child is the session's own if the session wrote its parent."""
    key = document["id"].lower()
    return {key} if ids.root(key) in own else set()


def _code(body: Any) -> str:
    error = body.get("error", body) if isinstance(body, dict) else {}
    return f"{error.get('code', '')} {error.get('message', '')}" if isinstance(error, dict) else str(error)


def replay(url: str, recorded: list[Session]) -> list[Outcome]:
    """Replay sessions one after the other on the lab at `url`."""
    client = Client(url)
    try:
        return [outcome for session in recorded for outcome in Replay(client, session).run()]
    finally:
        client.close()
