"""Making a random estate that shows a difference small enough to read."""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy

from tests.unit.ways.documents import Document

type Shows = Callable[[list[Document]], bool]


def reduced(documents: Sequence[Document], shows: Shows) -> list[Document]:
    """The estate without every document and rule of a group that it shows the difference without."""
    left = list(documents)
    for index in reversed(range(len(left))):
        without = left[:index] + left[index + 1 :]
        left = without if shows(without) else left
    for index, document in enumerate(left):
        for place in reversed(range(len(document["properties"].get("securityRules") or []))):
            without = deepcopy(left)
            del without[index]["properties"]["securityRules"][place]
            left = without if shows(without) else left
    return left


def written(documents: Sequence[Document]) -> str:
    return "\n".join(json.dumps(document) for document in documents)
