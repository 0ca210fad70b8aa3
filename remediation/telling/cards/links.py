"""Addresses behind the buttons: built from a parsed resource id and encoded, never taken from outside."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from remediation.errors import InvalidResourceId
from remediation.findings import FindingRecord
from remediation.ledger.keys import id_of
from remediation.model.own import OWN_RULES
from remediation.resource_id import ResourceId
from remediation.telling.cards.words import place

TO_BOARD, ALL_FINDINGS, TO_PORTAL = "See the proof and act", "See all findings", "Open in the portal"
PORTAL = "https://portal.azure.com/"
LONGEST = 1500  # characters of an address: ARM's own ids stay far below, a longer one would burst a card


@dataclass(frozen=True, slots=True)
class Board:
    """The page of the app on which people act, by its address; "" where nobody knows that."""

    address: str = ""

    def finding(self, target: str, record: FindingRecord) -> str | None:
        """Straight to a finding, by the target whose look found it; None for news about the app itself."""
        if not self.address or record.rule in OWN_RULES:
            return None
        return f"{self.address}?finding={id_of(target, record.name)}"


NO_BOARD = Board()


def portal(resource: str) -> str | None:
    """The resource's page in the portal, or None for what is no resource id, or one of absurd length."""
    try:
        parsed = ResourceId.parse(resource)
    except InvalidResourceId:
        return None
    address = f"{PORTAL}#@/resource{quote(parsed.text, safe='/')}"
    return address if len(address) <= LONGEST else None


def common_place(resources: Iterable[str]) -> str:
    """The page that shows all of them: their group, else their subscription, else the portal itself."""
    places = {tuple(part.lower() for part in place(resource)) for resource in resources}
    subscriptions = {subscription for _, subscription in places}
    if len(subscriptions) != 1 or not all(subscriptions):
        return PORTAL
    scope = f"/subscriptions/{subscriptions.pop()}"
    if len(places) == 1:
        group, _ = places.pop()
        scope += f"/resourceGroups/{group}" if group else ""
    return portal(scope) or PORTAL
