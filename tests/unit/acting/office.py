"""What people see and do in a world of tests, without HTTP."""

from typing import Any

from remediation.baseline import Action
from remediation.findings import FindingRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.on_call.acting.caller import Caller
from remediation.on_call.acting.verbs import Verbs
from remediation.on_call.listing.identity import etag_of, id_of
from tests.builders import NSG_ID, a_baseline
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk, a_world

RULE = "nsg-mgmt-open-to-internet"
ADA = Caller(
    "ada@contoso.example", "aaaaaaaa-0000-4000-8000-000000000001", frozenset({"read", "apply", "exempt"})
)
BOB = Caller(
    "bob@contoso.example", "bbbbbbbb-0000-4000-8000-000000000002", frozenset({"read", "apply", "exempt"})
)
EVE = Caller("eve@contoso.example", "eeeeeeee-0000-4000-8000-000000000003", frozenset({"read"}))


def proposing(*documents: dict[str, Any], **choices: Any) -> World:
    """A world in which the group `web` is open and its repair is proposed."""
    choices.setdefault("baseline", a_baseline(rules={RULE: Action.PROPOSE}))
    world = a_world(*documents, **choices)
    world.handle(world.hears(by="mallory@contoso.example"))
    return world


def verbs(world: World, caller: Caller = ADA, **through: Any) -> Verbs:
    return a_desk(world, **through).verbs(caller)


def finding(world: World) -> FindingRecord:
    return next(one for one in FindingsBook(world.ledger).of(NSG_ID).values() if one.rule == RULE)


def the_id(world: World) -> str:
    return id_of(NSG_ID.text, finding(world).name)


def etag(world: World) -> str:
    return etag_of(finding(world))


def is_open(world: World) -> bool:
    rules = world.cloud.resources[NSG_ID].body["properties"]["securityRules"]
    return any(rule["name"] == "allow-ssh" for rule in rules)
