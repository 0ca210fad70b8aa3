"""Whatever stands in a baseline, as YAML or as JSON: a baseline, or its mistakes; never another error."""

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from remediation.baseline import Baseline, read
from remediation.errors import ConfigurationError
from remediation.rules import registry
from tests.unit.fuzzing.damage import HOSTILE, STORABLE, damaged, misspelt

EXAMPLE = (Path(__file__).resolve().parents[3] / "examples" / "baseline.yaml").read_text()
# Damage to a comment tells nothing, and reading one takes as long as reading a key.
BARE = "".join(
    line for line in EXAMPLE.splitlines(keepends=True) if not line.lstrip().startswith(("#", "\n"))
)
DOCUMENT = json.loads(json.dumps(yaml.safe_load(EXAMPLE), default=str))
TRICKS = (
    "{", "}", "[", "]", ":", ": ", "- ", "\n", "\n  ", "\t", "#", "'", '"', "|", ">", "&a ", "*a", "<<: ",
    "!!int ",
    "!!python/object:os.system ", "---\n", "...\n", "%YAML 9.9\n", "? ", "~", ".inf", "0x7f", "1_000",
    *HOSTILE,
)  # fmt: skip
RULES = list(registry())
WRITER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The same text, written by the C library where there is one; what reads it is ours."""


def read_or_refused(text: str) -> Baseline | None:
    try:
        return read(text, name="b.yaml", known_rules=RULES)
    except ConfigurationError:
        return None


@given(misspelt(BARE, TRICKS))
def test_a_misspelt_baseline_is_read_or_its_mistakes_are_told(text: str) -> None:
    read_or_refused(text)


@example('{"version":!!int }')
@given(misspelt(json.dumps(DOCUMENT, indent=1), TRICKS))
def test_misspelt_json_is_read_or_its_mistakes_are_told(text: str) -> None:
    read_or_refused(text)


@example({"version": 1, "limits": {"narrowSources": []}})
@given(damaged(DOCUMENT, STORABLE))
def test_a_damaged_baseline_says_the_same_as_yaml_and_as_json(document: Any) -> None:
    """One text for both readers, since JSON is YAML: what one of them takes the other takes alike."""
    as_json = json.dumps(document)
    as_yaml = yaml.dump(document, Dumper=WRITER, allow_unicode=True)
    one, other = read_or_refused(as_json), read_or_refused(as_yaml)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert (one.mode, one.rules, one.exemptions) == (other.mode, other.rules, other.exemptions)


@given(st.text() | st.text(st.sampled_from("{}[]:,-?&*!|>'\"%@`#\n ab1"), max_size=60))
def test_any_text_is_a_baseline_or_its_mistakes_are_told(text: str) -> None:
    read_or_refused(text)
