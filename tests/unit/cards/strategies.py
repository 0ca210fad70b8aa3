"""Findings with hostile text wherever text can come from outside."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from remediation.findings import FindingRecord, FixRecord, State
from remediation.telling.cards.news import KINDS
from tests.unit.cards.samples import NOW, NSG

PIECES = [
    "](http://evil.example)",
    "[x",
    "<at>all</at>",
    "{{DATE(",
    "${",
    "**",
    "\n# ",
    "\u202e",
    "\u200b",
    '"',
    "\\",
]
HOSTILE = st.one_of(
    st.text(st.characters(), max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    st.sampled_from(["\U0001f511" * 900, '"' * 3000, "\\" * 3000, "漢" * 2000, "a b " * 900]),
)
RESOURCES = st.one_of(
    st.just(NSG),
    HOSTILE,
    st.text(st.characters(), min_size=1, max_size=300).map(lambda name: f"{NSG}{name}"),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | HOSTILE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(HOSTILE, JSON, max_size=3)
WITNESSES = st.fixed_dictionaries(
    {"source": HOSTILE, "destination": HOSTILE, "port": st.integers(0, 65535), "protocol": HOSTILE},
    optional={"allowedBy": HOSTILE, "priority": st.integers()},
)
EVIDENCE = st.fixed_dictionaries(
    {}, optional={"witness": WITNESSES | JSON, "heldBackBy": st.lists(HOSTILE) | JSON, "exemptUntil": HOSTILE}
)
WRITES = st.fixed_dictionaries(
    {"method": st.sampled_from(["PUT", "DELETE"]), "id": RESOURCES, "body": st.none() | OBJECTS}
)
FIXES = st.builds(
    FixRecord,
    title=HOSTILE,
    writes=st.lists(WRITES, max_size=20),
    before=st.dictionaries(RESOURCES, st.none() | OBJECTS, max_size=2),
    traffic=st.lists(HOSTILE, max_size=30),
    tolerances=st.lists(HOSTILE, max_size=3),
)
MOMENTS = st.timedeltas(timedelta(days=-800), timedelta(days=2)).map(lambda age: NOW + age)
RECORDS = st.builds(
    FindingRecord,
    rule=HOSTILE,
    resource=RESOURCES,
    title=HOSTILE,
    severity=st.sampled_from(["critical", "high", "medium", "low", "info"]) | HOSTILE,
    message=HOSTILE,
    guidance=st.lists(st.sampled_from(["C2", "R13", "R14", "T1"]) | HOSTILE, max_size=3),
    evidence=EVIDENCE,
    disposition=st.sampled_from(["fix", "propose", "alert"]),
    state=st.sampled_from(State),
    seq=st.integers(1, 9),
    opened_at=MOMENTS,
    changed_at=MOMENTS,
    change=st.sampled_from([*KINDS]) | HOSTILE,
    actor=st.dictionaries(st.sampled_from(["name", "client", "appId", "address", "objectId"]), HOSTILE),
    operation=HOSTILE,
    event_time=st.none() | MOMENTS,
    commands=st.lists(HOSTILE, max_size=20),
    fix=st.none() | FIXES,
    write_id=HOSTILE,
    note=HOSTILE,
)
