from typing import Any

from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import LB_ID, a_balancer, a_forwarder, a_frontend

PUBLIC, PRIVATE = a_frontend(), a_frontend(public=False)
PREFIX = {**PUBLIC, "properties": {"publicIPPrefix": {"id": f"{LB_ID.rpartition('/')[0]}/prefix"}}}
NAMELESS = {"name": "front", "properties": PUBLIC["properties"]}


def case(name: str, says: Any, frontend: Document, forwarder: Document, **more: Any) -> Case:
    return Case(name, says, LB_ID, (a_balancer(frontend, inboundNatRules=[forwarder]),), **more)


def of_kind(name: str, says: Any, kind: str, **forwarder: Any) -> Case:
    return Case(name, says, LB_ID, (a_balancer(PUBLIC, **{kind: [a_forwarder(**forwarder)]}),))


CASES = (
    case("https to a web server", "silent", PUBLIC, a_forwarder(443, 443)),
    case("ssh from inside the network", "silent", PRIVATE, a_forwarder()),
    case("rdp's port over another protocol", "silent", PUBLIC, a_forwarder(22, protocol="Udp")),
    case("a backend port that looks like ssh's only in front", "silent", PUBLIC, a_forwarder(8080, 22)),
    case(
        "a port the team does not manage by",
        "silent",
        PUBLIC,
        a_forwarder(),
        baseline={"managementPorts": [5986]},
    ),
    case("ssh behind an unusual port", "speaks", PUBLIC, a_forwarder(22, 50022), severity="high", on=LB_ID),
    case("rdp over udp", "speaks", PUBLIC, a_forwarder(3389, 3389, protocol="udp")),
    case("rdp over every protocol", "speaks", PUBLIC, a_forwarder(3389, 3389, protocol="All")),
    case("a port written as text", "speaks", PUBLIC, a_forwarder("22")),
    case("an address out of a prefix", "speaks", PREFIX, a_forwarder()),
    case("a frontend without an id of its own", "speaks", NAMELESS, a_forwarder()),
    of_kind(
        "a range of ports for a pool of machines",
        "speaks",
        "inboundNatRules",
        front=None,
        frontendPortRangeStart=500,
        frontendPortRangeEnd=600,
    ),
    of_kind("a pool of ports for a scale set", "speaks", "inboundNatPools", frontendPortRangeStart=500),
    of_kind("a load-balancing rule for ssh", "speaks", "loadBalancingRules"),
    of_kind("every port at once", "speaks", "loadBalancingRules", backend=0, front=0, protocol="All"),
    case("a frontend that is not in the document", "unknown", PUBLIC, a_forwarder(frontend="gone")),
    case(
        "a frontend that came as a reference", "unknown", {"id": PUBLIC["id"], "name": "front"}, a_forwarder()
    ),
    case("a backend port that cannot be read", "unknown", PUBLIC, a_forwarder("ssh")),
)
