"""Microsoft's own `adaptivecards` package reads every card as version 1.2 and has nothing to say."""

import json
import subprocess
from typing import Any

import pytest

from tests.unit.cards.gallery import PACKAGE, cards, named
from tests.unit.cards.real import lived
from tests.unit.cards.samples import SAMPLES

SCRIPT = """
const AC = require(process.argv[1]);
const complaints = JSON.parse(require("fs").readFileSync(0)).map((payload) => {
  const card = new AC.AdaptiveCard();
  const context = new AC.SerializationContext(AC.Versions.v1_2);
  card.parse(payload, context);
  const told = card.validateProperties().validationEvents.map((event) => event.message);
  for (let i = 0; i < context.eventCount; i++) told.push(context.getEventAt(i).message);
  return told;
});
console.log(JSON.stringify(complaints));
"""


def complaints(payloads: list[dict[str, Any]]) -> list[list[str]]:
    """What the package says of each card."""
    if not PACKAGE.exists():
        pytest.fail(f"{PACKAGE} is missing; run: make node", pytrace=False)
    told = subprocess.run(
        ["node", "-e", SCRIPT, str(PACKAGE)],
        input=json.dumps(payloads),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    result: list[list[str]] = json.loads(told.stdout)
    return result


def test_every_kind_of_card_is_accepted() -> None:
    found = named("life", lived()) | {name: (one.resource, one) for name, one in SAMPLES.items()}
    named_cards = dict(cards(found))

    told = complaints(list(named_cards.values()))
    assert dict(zip(named_cards, told, strict=True)) == {name: [] for name in named_cards}


def test_an_element_that_is_unknown_or_newer_than_the_version_is_not() -> None:
    bodies: list[list[dict[str, Any]]] = [
        [{"type": "Nonsense"}],
        [{"type": "Table", "columns": [], "rows": []}],
    ]
    payloads = [{"type": "AdaptiveCard", "version": "1.2", "body": body} for body in bodies]

    assert [bool(told) for told in complaints(payloads)] == [True, True]
