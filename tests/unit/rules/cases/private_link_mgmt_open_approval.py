from tests.unit.rules.case import Case
from tests.unit.rules.estates_entries import (
    BALANCER,
    RESOURCE_GROUPS,
    SERVICE,
    a_service,
    an_inner_balancer,
)

ELSEWHERE = f"{BALANCER}/frontendIPConfigurations/other"
NAMED = "11111111-2222-3333-4444-555555555555"

CASES = (
    Case("a connection has to be approved", "silent", SERVICE, (a_service(NAMED), an_inner_balancer())),
    Case(
        "only named subscriptions see it", "silent", SERVICE, (a_service(visible=NAMED), an_inner_balancer())
    ),
    Case("anybody, to a web port", "silent", SERVICE, (a_service(), an_inner_balancer(443))),
    Case("ssh behind another front", "silent", SERVICE, (a_service(), an_inner_balancer(front=ELSEWHERE))),
    Case(
        "anybody, to ssh",
        "speaks",
        SERVICE,
        (a_service(), an_inner_balancer(), *RESOURCE_GROUPS),
        severity="high",
        on=SERVICE,
    ),
    Case("anybody, to every port", "speaks", SERVICE, (a_service(), an_inner_balancer(0), *RESOURCE_GROUPS)),
    Case(
        "anybody, to an address without a balancer",
        "speaks",
        SERVICE,
        (a_service(destinationIPAddress="10.1.0.4"), an_inner_balancer(443), *RESOURCE_GROUPS),
    ),
    Case(
        "a service that somebody else keeps",
        "speaks",
        SERVICE,
        (a_service() | {"managedBy": "the platform"}, an_inner_balancer(), *RESOURCE_GROUPS),
    ),
    Case("a balancer that was not read", "unknown", SERVICE, (a_service(),), unread=(BALANCER,)),
    Case("a port that cannot be read", "unknown", SERVICE, (a_service(), an_inner_balancer("ssh"))),
    Case("a mere reference", "unknown", SERVICE, ({"id": SERVICE, "name": "pls"},)),
)
