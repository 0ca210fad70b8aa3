"""Whatever stands in a file: a declaration, or one clear line, and never a traceback."""

import copy
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remediation.baseline import NOTHING
from remediation.declared.drift import drift
from remediation.declared.files import declared_in
from remediation.errors import InputError
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from tests.unit.declared import states
from tests.unit.declared.test_drift import NOW
from tests.unit.scan.scanned import an_estate

ODD: list[Any] = [
    None,
    0,
    -1,
    1.5,
    True,
    "",
    "odd",
    "[odd()]",
    [],
    [None],
    ["odd"],
    {},
    {"odd": 1},
    [{"name": 1}],
]
SNAPSHOT = Path(__file__).parent / "templates" / "spoke.snapshot.json"
STATE = states.shown(
    states.a_group(states.a_rule()),
    states.a_network(),
    states.a_subnet(),
    states.its_group(),
    states.an_interface(),
    states.its_pool(),
    states.a_setting(),
)
KEPT = states.kept(states.a_group(states.a_rule()), states.an_interface())
INPUTS = {
    "snapshot": SNAPSHOT.read_bytes(),
    "state": STATE,
    "kept": KEPT,
    "estate": json.dumps(an_estate()).encode(),
}


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for key, item in inner for path in paths(item, (*here, key)))]


def odd_ones(document: Any) -> Iterator[Any]:
    """The document with each of its parts replaced by an odd value, each value in its turn."""
    for path, value in zip(paths(document)[1:], itertools.cycle(ODD), strict=False):
        other = copy.deepcopy(document)
        at = other
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
        yield other


@pytest.mark.parametrize("sort", INPUTS)
def test_an_odd_value_anywhere_is_read_or_refused_in_a_line(sort: str) -> None:
    read, lines = 0, list[str]()
    for document in odd_ones(json.loads(INPUTS[sort])):
        try:
            read += len(declared_in("f.json", json.dumps(document).encode()).declarations)
        except InputError as error:
            lines += map(str, error.mistakes)
    assert read
    assert not any("\n" in line for line in lines)


@pytest.mark.parametrize("sort", ["snapshot", "estate"])
def test_an_odd_estate_is_compared_or_unknown(sort: str) -> None:
    """What is declared is whole, what is there is odd somewhere."""
    told = json.loads(INPUTS[sort])
    documents = told["predictedResources"] if sort == "snapshot" else told
    declared = declared_in("f.json", INPUTS[sort])
    for number, odd in enumerate(odd_ones(documents)):
        if number % 7:
            continue
        files = [EstateFile("estate.json", odd)]
        found = drift(declared, Estate(files), files, NOTHING, NOW)
        assert found.compared + len(found.unknowns) >= len(declared.declarations)
