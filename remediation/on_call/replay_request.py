"""What somebody asks to be looked at again: the same options from the command line and over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from remediation.errors import InputError
from remediation.intake.records import is_record, unpacked
from remediation.messages import Message
from remediation.model import Ending
from remediation.model.handling import EXEMPT
from remediation.on_call.request_fields import Fields
from remediation.resource_id import ResourceId
from remediation.rules import registry

SOURCES = frozenset({"inbox", "dead-letters", "poison", "activity-log"})
GIVEN = "given"
MOST = 1000
USUAL = timedelta(hours=24)
KEPT = timedelta(days=90)
AHEAD = timedelta(minutes=5)
"""Clocks differ a little: without an end, a window reaches so far beyond our own present."""
KEYS = frozenset({
    "events", "resources", "source", "since", "until", "rule", "resource", "resourceGroup", "resourceType",
    "actor", "outcome", "ids", "limit", "dryRun",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """A replay. `source` is GIVEN where the events or resources stand in the request itself.

    Times are UTC; `limit` bounds the pieces of work. Texts are compared without case, "" asks for nothing.
    `timed` says that a window was named, which then also holds for events that are given.
    """

    since: datetime
    until: datetime
    source: str = GIVEN
    events: tuple[object, ...] = ()
    resources: tuple[object, ...] = ()
    timed: bool = False
    rule: str = ""
    resource: ResourceId | None = None
    group: str = ""
    kind: str = ""
    actor: str = ""
    outcome: str = ""
    ids: frozenset[str] = frozenset()
    limit: int = MOST
    dry_run: bool = False

    def wants(self, message: Message, outcome: str = "") -> bool:
        """Whether a piece of past work was asked for. Raises InvalidResourceId where it names nothing."""
        named = ResourceId.parse(message.target or message.expand or message.sweep or "")
        return (
            self._in_time(message.event_time)
            and self._is_about(named)
            and self._is_of_rule(message, named)
            and (not self.actor or _mentions(message.actor, self.actor))
            and (not self.outcome or self.outcome == outcome)
            and (not self.ids or message.event_id in self.ids)
        )

    def _in_time(self, moment: datetime | None) -> bool:
        return moment is None or not self.timed or self.since <= moment < self.until

    def _is_about(self, named: ResourceId) -> bool:
        about = self.resource
        return (
            (about is None or named == about or named.key.startswith(about.key + "/"))
            and (not self.group or named.resource_group.lower() == self.group.lower())
            and (not self.kind or named.type == self.kind.lower())
        )

    def _is_of_rule(self, message: Message, named: ResourceId) -> bool:
        """Work that only leads to targets may lead to the rule's."""
        return not self.rule or message.target is None or named.type in registry()[self.rule].applies_to


def read(body: object, now: datetime) -> Request:
    """Read a request: an object with options, a bare event or record, or a list of them in any form.

    Raises InputError with every mistake, each with its key.
    """
    held = list(unpacked(body))
    if held != [body] or _is_event(body):
        body = {"events": held}
    if not isinstance(body, Mapping):
        raise InputError("a replay is a JSON object with options, events or resources, or a list of events")
    fields = Fields(body, KEYS)
    request = _request(fields, now)
    _check(fields, request)
    fields.finish()
    return request


def _is_event(body: object) -> bool:
    """A CloudEvent has a `source` too, as a request has; what makes an event is its version or its type."""
    if not isinstance(body, Mapping):
        return False
    keys = {"data", "subject"} & set(body)
    typed = "specversion" in body or bool(keys and {"type", "eventType"} & set(body))
    return typed or is_record(body) or bool(keys and not KEYS & set(body))


def _request(fields: Fields, now: datetime) -> Request:
    since, until = fields.moment("since", now), fields.moment("until", now)
    ids = fields.list("ids", MOST)
    if not all(isinstance(identity, str) for identity in ids):
        fields.wrong("ids", "must be texts")
    usual = KEPT - AHEAD - timedelta(minutes=1) if ids else USUAL
    end = until or now + AHEAD
    return Request(
        since=since or min(now, end) - usual,
        until=end,
        source=fields.one_of("source", SOURCES, GIVEN),
        events=tuple(fields.list("events", MOST)),
        resources=tuple(fields.list("resources", MOST)),
        timed=since is not None or until is not None,
        rule=fields.one_of("rule", registry()),
        resource=fields.resource("resource"),
        group=fields.text("resourceGroup"),
        kind=fields.text("resourceType"),
        actor=fields.text("actor"),
        outcome=fields.one_of("outcome", [*(ending.value for ending in Ending), EXEMPT]),
        ids=frozenset(identity for identity in ids if isinstance(identity, str)),
        limit=fields.count("limit", MOST, MOST),
        dry_run=fields.flag("dryRun"),
    )


def _check(fields: Fields, request: Request) -> None:
    fields.window(request.since, request.until, KEPT)
    if request.source == GIVEN and not (fields.given("events") or fields.given("resources")):
        if not fields.mistakes:
            fields.wrong("source", "names nothing to replay: give a source, events or resources")
    elif request.source != GIVEN and (request.events or request.resources):
        fields.wrong("source", "does not go with events or resources")
    if request.source != "inbox":
        for key in ("outcome", "ids"):
            if fields.given(key):
                fields.wrong(key, "goes with source inbox, which alone remembers it")
    if "'" in request.group:
        fields.wrong("resourceGroup", "has a character no resource group holds")


def _mentions(actor: Mapping[str, str], wanted: str) -> bool:
    return any(wanted.lower() in value.lower() for value in actor.values())
