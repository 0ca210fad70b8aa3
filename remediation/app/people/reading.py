"""What people read: findings, one finding, who they are, what was repaired lately, what is left alone."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from remediation.app.answers import Answer, problem
from remediation.app.people.face import Face, digest, tagged
from remediation.app.people.signing_in import KEY, SigningIn
from remediation.errors import ConfigurationError
from remediation.ledger.diary import Diary
from remediation.ledger.findings_book import FindingsBook
from remediation.model.decisions import shown_moment
from remediation.on_call.acting.allowed import can
from remediation.on_call.acting.caller import Caller
from remediation.on_call.listing import asked, past
from remediation.on_call.listing.census import Census
from remediation.on_call.listing.identity import etag_of, parts_of
from remediation.on_call.listing.mending import build_once
from remediation.on_call.listing.pages import Place, find, page
from remediation.on_call.listing.shown import detail, summary
from remediation.on_call.request_fields import Fields
from remediation.on_call.tools import OnCall
from remediation.rules import registry

type Values = Mapping[str, str]
USUAL_DAYS, MOST_DAYS = 7, 90


class Reading(Face):
    """The answers to GET."""

    def __init__(self, tools: Callable[[], OnCall], signing_in: Callable[[], SigningIn]) -> None:
        super().__init__(tools, signing_in)
        self._census: Census | None = None
        self._described: dict[str, Any] | None = None
        self._listed = False

    def me(self, query: Values, headers: Values) -> Answer:
        """Who asks and what they may do, for anybody."""
        return self.answer(
            headers,
            query,
            None,
            lambda _, caller: Answer(200, {**caller.to_json(), "signIn": self._signing_in().where}),
        )

    def findings(self, query: Values, headers: Values) -> Answer:
        """A page of findings, with how many there are."""

        def told(tools: OnCall, _: Caller) -> Answer:
            wanted = asked.read(_options(query, "limit"))
            self._know_what_is_open(tools)
            found = page(tools.ports.ledger, wanted)
            body = {
                "findings": [summary(*each) for each in found.findings],
                "next": found.next or None,
                "counts": self.census(tools).count().to_json(),
            }
            now = {"now": shown_moment(tools.ports.clock.now())}
            return tagged({**body, **now}, digest(body), headers)

        return self.answer(headers, query, "read", told)

    def finding(self, identity: str, query: Values, headers: Values) -> Answer:
        """One finding in full."""

        def told(tools: OnCall, caller: Caller) -> Answer:
            found = found_by(tools, identity)
            if found is None:
                return unheard_of(identity)
            return tagged(in_full(tools, caller, found), etag_of(found[1]), headers)

        return self.answer(headers, query, "read", told)

    def summary(self, query: Values, headers: Values) -> Answer:
        """What was repaired in the last days and how fast, and what is watched."""

        def told(tools: OnCall, _: Caller) -> Answer:
            fields = Fields(_options(query, "days"), {"days"})
            days = fields.count("days", USUAL_DAYS, MOST_DAYS)
            fields.finish()
            repaired = self.census(tools).count().summary(timedelta(days=days))
            return Answer(200, {**repaired, "watched": _watched(tools)})

        return self.answer(headers, query, "read", told)

    def exemptions(self, query: Values, headers: Values) -> Answer:
        """What is left alone now."""

        def told(tools: OnCall, caller: Caller) -> Answer:
            exempter = tools.exempter(caller.name)
            listed = [one.to_json() for one in exempter.listed()]
            return Answer(200, {"exemptions": listed, "unread": exempter.unlisted()})

        return self.answer(headers, query, "read", told)

    def openapi(self) -> Answer:
        """The description of all of this: docs/openapi.json, which the package has beside its code."""
        if self._described is None:
            inside = Path(__file__).resolve().parents[2]
            places = (inside / "openapi.json", inside.parent / "docs" / "openapi.json")
            found = next((place for place in places if place.is_file()), None)
            if found is None:
                return problem(404, "not found", ["this package was built without its description"])
            self._described = json.loads(found.read_text("utf-8"))
        return Answer(200, self._described)

    def count_anew(self) -> None:
        """Something that is counted has changed."""
        if self._census is not None:
            self._census.forget()

    def _know_what_is_open(self, tools: OnCall) -> None:
        """Where an earlier release kept no list of it, that is made at its first use."""
        if not self._listed:
            build_once(tools.ports.ledger)
            self._listed = True

    def census(self, tools: OnCall) -> Census:
        """One for the process: what it has counted is remembered."""
        if self._census is None:
            self._census = Census(tools.ports.ledger, tools.ports.clock)
        return self._census


def found_by(tools: OnCall, identity: str) -> Place | None:
    """The finding of an id, with its target; None where there is none."""
    parts = parts_of(identity)
    return None if parts is None else find(FindingsBook(tools.ports.ledger), parts)


def unheard_of(identity: str) -> Answer:
    return problem(404, "not found", [f"there is no finding {identity[:80]!r}"])


def in_full(tools: OnCall, caller: Caller, place: Place) -> dict[str, Any]:
    """A finding with its history and what the caller may do about it now."""
    target, record = place
    lines = past.latest(tools.ports.ledger, target, record.resource, tools.ports.clock.now())
    return detail(target, record, lines, can(caller, record, tools.stopped()))


def _watched(tools: OnCall) -> dict[str, Any]:
    last = Diary(tools.ports.ledger).last_judged(tools.ports.clock.now())
    try:
        standard = tools.standard()
        mode, off = standard.mode, sum(action == "off" for action in standard.rules.values())
    except ConfigurationError:
        mode, off = "observe", 0
    return {
        "subscriptions": sorted(tools.policy.subscriptions),
        "rules": len(registry()) - off,
        "mode": mode,
        "lastLookAt": None if last is None else shown_moment(last.at),
    }


def _options(query: Values, *numbers: str) -> dict[str, Any]:
    """The query without the key, its numbers as numbers where they are some."""
    values: dict[str, Any] = {key: value for key, value in query.items() if key != KEY}
    for name in numbers:
        if values.get(name, "").isdecimal() and len(values[name]) < 9:
            values[name] = int(values[name])
    return values
