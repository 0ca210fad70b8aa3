"""What lies outside the watched subscriptions is neither read, listed nor written, whatever names it."""

from collections.abc import Callable
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import ForbiddenError
from remediation.kinds import DIAGNOSTIC_SETTING, NSG
from remediation.model import Listing, Write
from remediation.policy import Policy
from remediation.reconciling.fence import Fenced
from remediation.resource_id import ResourceId
from tests.builders import AT, FOREIGN, NSG_ID, SUBSCRIPTION, an_nsg

ABROAD = ResourceId.parse(NSG_ID.text.replace(SUBSCRIPTION, FOREIGN))
ASKING: dict[str, Callable[[Any, ResourceId], object]] = {
    "get": lambda cloud, of: cloud.get(of),
    "list what stands on it": lambda cloud, of: cloud.list(Listing(DIAGNOSTIC_SETTING, of.text)),
    "list its subscription": lambda cloud, of: cloud.list(Listing(NSG, f"/subscriptions/{of.subscription}")),
    "put": lambda cloud, of: cloud.write(Write("PUT", of, an_nsg())),
    "delete": lambda cloud, of: cloud.write(Write("DELETE", of)),
}


def fenced() -> tuple[MemoryCloud, Fenced]:
    cloud = MemoryCloud(an_nsg(), an_nsg(identity=ABROAD))
    return cloud, Fenced(cloud, Policy(frozenset({SUBSCRIPTION})))


@pytest.mark.parametrize("ask", ASKING.values(), ids=list(ASKING))
def test_what_lies_abroad_is_refused_and_arm_is_not_even_asked(ask: Callable[[Any, ResourceId], Any]) -> None:
    cloud, behind = fenced()

    with pytest.raises(ForbiddenError, match=f"{FOREIGN} is not one of SUBSCRIPTIONS"):
        ask(behind, ABROAD)

    assert ([], []) == (cloud.reads, cloud.writes)
    assert ABROAD in cloud.resources


def test_what_lies_within_is_passed_on() -> None:
    cloud, behind = fenced()

    assert behind.get(NSG_ID) is not None
    assert [NSG_ID] == [one.id for one in behind.list(Listing(NSG, AT))]
    assert "succeeded" == behind.poll("https://management.azure.com/operations/1").state
    behind.write(Write("DELETE", NSG_ID))

    assert {ABROAD} == set(cloud.resources)
