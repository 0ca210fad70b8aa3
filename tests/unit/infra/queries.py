"""As much of JMESPath as the `--query` of our documents and scripts uses; anything else is an error."""

import re
from typing import Any

SHAPE = re.compile(r"(?P<list>\[(?:\?(?P<where>.+)|(?P<index>\d+))?\]\.)?(?P<path>\w+(?:\.\w+)*)")
CALL = re.compile(r"(starts_with|ends_with|contains)\(([\w.]+)(?: \|\| '')?, '([^']*)'\)")
EQUAL = re.compile(r"([\w.]+)\s?==\s?'([^']*)'")
TESTS = {"starts_with": str.startswith, "ends_with": str.endswith, "contains": str.__contains__}


def queried(answer: Any, query: str) -> Any:
    """What a query leaves of an answer."""
    shape = SHAPE.fullmatch(query)
    assert shape is not None, query
    if not shape["list"]:
        return _at(answer, shape["path"])
    if shape["index"]:
        return _at(answer[int(shape["index"])], shape["path"])
    terms = shape["where"].split(" && ") if shape["where"] else []
    kept = [each for each in answer if all(_holds(each, term) for term in terms)]
    return [_at(each, shape["path"]) for each in kept]


def _holds(item: Any, term: str) -> bool:
    if (equal := EQUAL.fullmatch(term)) is not None:
        return bool(_at(item, equal[1]) == equal[2])
    call = CALL.fullmatch(term)
    assert call is not None, term
    return TESTS[call[1]](_at(item, call[2]) or "", call[3])


def _at(item: Any, path: str) -> Any:
    for step in path.split("."):
        item = item.get(step) if isinstance(item, dict) else None
    return item
