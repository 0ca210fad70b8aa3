"""Whatever is posted to `replay`: an answer that its description promises, and never a 500."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.world import World
from tests.story.e2e.conftest import calls, play

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[3] / "docs" / "openapi.json").read_text()
)
COMPONENTS = PUBLISHED["components"]
REPLAY = PUBLISHED["paths"]["/replay"]["post"]
HISTORY = PUBLISHED["paths"]["/history"]["get"]
FUZZING = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


def described(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a schema of the description allows, as far as it uses JSON Schema; times are apt to be times."""
    if "$ref" in schema:
        return described(COMPONENTS["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return st.one_of([described(each) for each in schema["anyOf"]])
    examples = st.sampled_from(schema["examples"]) if "examples" in schema else st.nothing()
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    return examples | (ANYTHING if isinstance(kind, list) else of_kind(kind, schema))


def of_kind(kind: str | None, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    match kind:
        case "object":
            fields = {name: described(each) for name, each in schema["properties"].items()}
            return st.fixed_dictionaries({}, optional=fields)
        case "array":
            return st.lists(described(schema["items"]), max_size=3)
        case "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        case "boolean":
            return st.booleans()
        case _:
            return st.text(min_size=schema.get("minLength", 0), max_size=40)


OPTIONS = COMPONENTS["schemas"]["Options"]["properties"]
MEANT = st.fixed_dictionaries(
    {"source": st.sampled_from(OPTIONS["source"]["enum"])},
    optional={
        "since": st.sampled_from(["1h", "2d", "2026-01-01", "yesterday"]),
        "limit": st.integers(0, 1001),
        "ids": st.lists(st.text(max_size=5), max_size=2),
        "dryRun": st.booleans(),
        "rule": st.sampled_from(["nsg-diagnostics", "nsg-mgmt-open-to-internet", "x"]),
        "actor": st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20),
        "outcome": st.sampled_from(OPTIONS["outcome"]["enum"]),
    },
)
SOUND = st.fixed_dictionaries(
    {"source": st.sampled_from(["activity-log", "inbox", "poison"]), "dryRun": st.booleans()},
    optional={
        "since": st.sampled_from(["30m", "6h", "2d"]),
        "limit": st.integers(1, 5),
        "rule": st.sampled_from(["nsg-diagnostics", "nsg-mgmt-open-to-internet", "bastion-sku-tier"]),
    },
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(sorted(OPTIONS)), inner),
    max_leaves=10,
)
BODIES = st.one_of(
    described(COMPONENTS["schemas"]["Replay"]).map(json.dumps),
    MEANT.map(json.dumps),
    SOUND.map(json.dumps),
    JSON.map(json.dumps),
    st.text(),
    st.binary(),
)
QUERIES = st.dictionaries(
    st.sampled_from([each["name"] for each in HISTORY["parameters"]]) | st.text(max_size=5),
    st.text() | st.sampled_from(["1h", "judged", "5", "nsg-diagnostics"]),
    max_size=4,
)


def promised(answer: requests.Response, operation: dict[str, Any]) -> None:
    """The status is described and the body is as described, problems included."""
    assert str(answer.status_code) in operation["responses"], (answer.status_code, answer.text)
    described = operation["responses"][str(answer.status_code)]["content"]
    ((kind, content),) = described.items()
    assert answer.headers["Content-Type"].startswith(kind)
    jsonschema.validate(answer.json(), {**content["schema"], "components": COMPONENTS})
    assert "Traceback" not in answer.text


def test_no_request_for_a_replay_or_for_the_history_finds_a_500() -> None:
    """Made from the description, near it, and from nothing; nothing is ever written by asking."""

    async def story(world: World) -> None:
        await asyncio.to_thread(fuzz, world)
        await world.quiet()
        assert calls(world, "PUT") == []
        assert world.host.failures == []

    play(story, seed=38)


def fuzz(world: World) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["x-functions-key"] = world.key

        @FUZZING
        @given(BODIES)
        def replay(body: str | bytes) -> None:
            content = body.encode(errors="surrogatepass") if isinstance(body, str) else body
            answer = session.post(f"{world.functions_url}/api/replay", data=content, timeout=60)
            promised(answer, REPLAY)

        @FUZZING
        @given(QUERIES)
        def history(query: dict[str, str]) -> None:
            answer = session.get(f"{world.functions_url}/api/history", params=query, timeout=60)
            promised(answer, HISTORY)

        replay()
        history()
