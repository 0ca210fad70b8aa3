"""ArmCloud against the lab's server with its faults on: what a bad day in Azure becomes here."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from lab.arm import Arm, Settings, in_background
from remediation.adapters.arm.cloud import ArmCloud
from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.retrying import Retry
from remediation.errors import (
    BastionGuardError,
    ConflictError,
    ForbiddenError,
    PermanentError,
    ThrottledError,
    TransientError,
)
from remediation.model import Write
from remediation.resource_id import ResourceId

WEB = ResourceId.parse(
    "/subscriptions/00000000-0000-0000-0000-00000000cafe/resourceGroups/rg/providers/Microsoft.Network"
    "/networkSecurityGroups/web"
)
SEED = {
    "id": WEB.text,
    "location": "westeurope",
    "properties": {"securityRules": [], "defaultSecurityRules": []},
}
RULE = {
    "properties": {
        "protocol": "*",
        "sourcePortRange": "*",
        "destinationPortRange": "22",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "access": "Deny",
        "priority": 100,
        "direction": "Inbound",
    }
}
DENY = Write("PUT", WEB.child("securityRules", "deny"), RULE)


@contextmanager
def cloud_with(
    *faults: dict[str, Any], clock: VirtualClock, **settings: Any
) -> Iterator[tuple[ArmCloud, Arm]]:
    lab = Arm(settings=Settings(**settings))
    lab.seed([SEED])
    for fault in faults:
        lab.faults.add(fault)
    with in_background(lab) as url:
        cloud = ArmCloud(LabCredential("bastion-guard"), endpoint=url, retry=Retry(clock))
        with closing(cloud):
            yield cloud, lab


@pytest.mark.parametrize(
    ("preset", "kind", "requests"),
    [
        ("policy", PermanentError, 1),
        ("forbidden", ForbiddenError, 1),
        ("link-forbidden", ForbiddenError, 1),
        ("busy", ConflictError, 1),
        ("locked", PermanentError, 1),
        ("precondition", ConflictError, 1),
        ("throttled", ThrottledError, 4),
        ("not-provisioned", TransientError, 4),
        ("server-error", TransientError, 4),
    ],
)
def test_a_bad_day_has_a_name(
    preset: str, kind: type[BastionGuardError], requests: int, clock: VirtualClock
) -> None:
    fault = {"match": {"method": "PUT"}, "effect": {"preset": preset}}
    with cloud_with(fault, clock=clock) as (cloud, lab):
        with pytest.raises(kind) as caught:
            cloud.write(DENY)
        assert type(caught.value) is kind
        assert lab.faults.rules[0].hits == requests
        assert cloud.get(DENY.id) is None


@pytest.mark.parametrize("effect", [{"preset": "server-error"}, {"drop": "before"}, {"drop": "after"}])
def test_a_write_survives_one_bad_moment(effect: dict[str, Any], clock: VirtualClock) -> None:
    fault = {"match": {"method": "PUT"}, "effect": effect, "count": 1}
    with cloud_with(fault, clock=clock) as (cloud, _):
        operation = cloud.write(DENY)
        assert operation.url is not None
        states = [cloud.poll(operation.url).state for _ in range(3)]
        written = cloud.get(DENY.id)

    assert states[-1] == "succeeded"
    assert written is not None
    assert written.properties("access") == "Deny"
    assert len(clock.slept) == 1


def test_an_operation_that_fails_tells_why(clock: VirtualClock) -> None:
    failing = {"status": "Failed", "code": "BastionUpdateNotSupported", "message": "not allowed"}
    fault = {"match": {"method": "PUT"}, "effect": {"operation": failing}}
    with cloud_with(fault, clock=clock) as (cloud, _):
        operation = cloud.write(DENY)
        assert operation.url is not None
        ends = [cloud.poll(operation.url) for _ in range(3)]

    assert (ends[-1].state, ends[-1].code) == ("failed", "BastionUpdateNotSupported")


def test_an_empty_bucket_makes_everybody_wait(clock: VirtualClock) -> None:
    with cloud_with(clock=clock, throttling=True, bucket_writes=(1, 0.01), subscription_factor=1) as (
        cloud,
        _,
    ):
        cloud.write(DENY)
        with pytest.raises(ThrottledError) as caught:
            cloud.write(DENY)

    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 10
    assert clock.slept == []
