"""Whatever people's functions are asked: an answer that their description promises, and never a 500."""

import asyncio
import base64
import json
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import requests
from hypothesis import given
from hypothesis import strategies as st

from lab.world import World
from remediation.on_call.undo import LONGEST_DELAY
from tests.story.e2e.conftest import play
from tests.story.e2e.test_people import OPEN
from tests.story.e2e.test_replay_fuzz import ANYTHING, COMPONENTS, FUZZING, PUBLISHED, described, promised

AFTER_EVERY_EXEMPTION = (LONGEST_DELAY + timedelta(days=1)).total_seconds()
"""A look is queued for the end of each that people give."""
TEAM = "cccccccc-0000-4000-8000-000000000004"
GROUPS = base64.b64encode(json.dumps({"claims": [{"typ": "groups", "val": TEAM}]}).encode()).decode()
PATHS = PUBLISHED["paths"]
ACT = PATHS["/findings/{id}/{verb}"]["post"]
LIST, ONE, SUMMARY = (PATHS[path]["get"] for path in ("/findings", "/findings/{id}", "/summary"))
PLAIN = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=40)
VERBS = st.sampled_from(["accept", "ack", "apply", "exempt", "look", "undo"])
BODIES = st.one_of(
    described(COMPONENTS["schemas"]["Asked"]).map(json.dumps),
    st.just({"reason": "x", "exemptFor": "1h"}).map(json.dumps),
    st.dictionaries(st.sampled_from(["reason", "exemptFor", "x"]), ANYTHING).map(json.dumps),
    ANYTHING.map(json.dumps),
    st.text(),
    st.just(""),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "If-Match": PLAIN,
        "Idempotency-Key": PLAIN,
        "X-Bastion-Guard": st.sampled_from(["0", "1 1", ""]),
        "x-ms-client-principal": PLAIN,
        "x-ms-client-principal-id": PLAIN,
        "If-None-Match": PLAIN,
    },
)
QUERIES = st.dictionaries(
    st.sampled_from([each["name"] for each in LIST["parameters"]] + ["days"]) | PLAIN,
    st.text(max_size=30) | st.sampled_from(["all", "critical", "5", "0" * 30]),
    max_size=4,
)


def test_no_request_of_people_finds_a_500() -> None:
    """Made from the description, near it, and from nothing; by people of whom each asks a few times."""

    async def story(world: World) -> None:
        path = f"{world.estate.shared_nsg}/securityRules/opened"
        await world.as_("mallory").put(path, {"properties": OPEN})
        await world.quiet()
        await asyncio.to_thread(fuzz, world)
        await world.quiet(skip_at_most=AFTER_EVERY_EXEMPTION)
        assert world.host.failures == []

    rules = {"nsg-mgmt-open-to-internet": {"action": "propose"}}
    people = {"apply": [TEAM], "exempt": [TEAM], "read": []}
    play(
        story,
        seed=65,
        baseline_changes={"rules": rules, "people": people},
        settings={"WEBSITE_AUTH_ENABLED": "true"},
    )


def somebody() -> dict[str, str]:
    """Another one of the team each time: nobody asks too often."""
    return {"x-ms-client-principal-id": str(uuid.uuid4()), "x-ms-client-principal": GROUPS}


def fuzz(world: World) -> None:
    url = f"{world.functions_url}/api"
    with requests.Session() as session:
        session.trust_env = False
        (known,) = session.get(f"{url}/findings", headers=somebody()).json()["findings"]
        ids = st.sampled_from([known["id"], known["id"].upper(), "f" * 32 + "-" + "f" * 32]) | PLAIN
        etags = st.sampled_from([known["etag"], f'"{known["etag"]}"', "*", ""])

        @FUZZING
        @given(ids, VERBS, BODIES, HEADERS, etags)
        def acts(identity: str, verb: str, body: str, more: dict[str, str], etag: str) -> None:
            headers = {**somebody(), "X-Bastion-Guard": "1", "If-Match": etag, **more}
            named = quote(identity, safe="") or "-"
            content = body.encode(errors="surrogatepass")
            answer = session.post(f"{url}/findings/{named}/{verb}", data=content, headers=headers, timeout=60)
            promised_or_routed(answer, ACT)

        @FUZZING
        @given(QUERIES, HEADERS, ids)
        def reads(query: dict[str, str], more: dict[str, str], identity: str) -> None:
            headers = {**somebody(), **more}
            named = quote(identity, safe="") or "-"
            for path, operation in (("findings", LIST), (f"findings/{named}", ONE), ("summary", SUMMARY)):
                answer = session.get(f"{url}/{path}", params=query, headers=headers, timeout=60)
                promised_or_routed(answer, operation)

        acts()
        reads()


def promised_or_routed(answer: requests.Response, operation: dict[str, Any]) -> None:
    """As described, unless the path led to no function of ours: then the host answers."""
    if answer.status_code == 304:
        assert not answer.content
    elif answer.status_code in {404, 405} and not answer.headers["Content-Type"].endswith("json"):
        assert b"500" not in answer.content[:3]
    else:
        promised(answer, operation)
