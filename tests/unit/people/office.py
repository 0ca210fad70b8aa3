"""An office: people with rights, the app's HTTP face for them, and the world it works in."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from remediation.app.answers import Answer
from remediation.app.people.changing import Changing
from remediation.app.people.reading import Reading
from remediation.app.people.signing_in import SigningIn
from remediation.baseline import People
from remediation.on_call.tools import OnCall
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk, a_world

ADA = "aaaaaaaa-0000-4000-8000-000000000001"
BOB = "bbbbbbbb-0000-4000-8000-000000000002"
EVE = "eeeeeeee-0000-4000-8000-000000000003"
TEAM = "cccccccc-0000-4000-8000-000000000004"
KEY = "the function key"
PEOPLE = People(apply=frozenset({ADA}), exempt=frozenset({ADA}), read=frozenset({BOB, TEAM}))


def signed_in(
    identity: str,
    name: str = "",
    groups: tuple[str, ...] = (),
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers that App Service authentication sets for somebody."""
    claims = [{"typ": "groups", "val": group} for group in groups]
    principal = base64.b64encode(json.dumps({"auth_typ": "aad", "claims": claims}).encode()).decode()
    named = {"x-ms-client-principal-name": name or f"{identity[:3]}@contoso.example"}
    return {"x-ms-client-principal-id": identity, "x-ms-client-principal": principal, **named, **(more or {})}


@dataclass
class Office:
    """What answers people, over a world of tests."""

    world: World = field(default_factory=a_world)
    people: People = PEOPLE
    trusted: bool = True
    readers: frozenset[str] = frozenset()
    through: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reads = Reading(self.tools, self.signing_in)
        self.changes = Changing(self.tools, self.signing_in, self.reads.count_anew)

    def tools(self) -> OnCall:
        return a_desk(self.world, **self.through)

    def signing_in(self) -> SigningIn:
        return SigningIn(
            trusted=self.trusted,
            people=lambda: self.people,
            readers=self.readers,
            opens=lambda key: key == KEY,
        )

    def lists(self, query: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """`GET /api/findings`, as Ada unless headers are given."""
        return self.reads.findings(query or {}, headers or signed_in(ADA))

    def shows(self, identity: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.reads.finding(identity, {}, signed_in(ADA) if headers is None else headers)

    def asks(
        self,
        verb: str,
        body: Mapping[str, Any] | None = None,
        *,
        by: str = ADA,
        etag: str | None = None,
        identity: str = "",
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """`POST /api/findings/ID/VERB` as the page sends it; `etag` None is that of what is there now."""
        found = self.the_one() if not identity or etag is None else {}
        shown = {"x-bastion-guard": "1", "if-match": f'"{found.get("etag", "") if etag is None else etag}"'}
        text = b"" if body is None else json.dumps(body).encode()
        headers = signed_in(by, more={**shown, **(more or {})})
        return self.changes.act(identity or found["id"], verb, text, {}, headers)

    def the_one(self) -> dict[str, Any]:
        """The only finding, in full."""
        (listed,) = self.lists({"state": "all"}).body["findings"]
        return dict(self.shows(listed["id"]).body)
