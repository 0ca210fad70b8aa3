from typing import Any

from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_entries import GATEWAY, GATEWAY_GROUP, a_gateway, around_the_gateway

APPROVED = {"allowedManagementSources": ["20.1.2.0/24"]}


def case(name: str, says: Any, gateway: Document, source: str | None = None, **more: Any) -> Case:
    return Case(name, says, GATEWAY, (gateway, *around_the_gateway(source)), **more)


CASES = (
    case("a database", "silent", a_gateway(5432)),
    case("an https listener", "silent", a_gateway(protocol="Https")),
    case("a private front", "silent", a_gateway(public=False)),
    case("a listener without a rule", "silent", a_gateway(routingRules=[])),
    case("a group that lets in the approved alone", "silent", a_gateway(), "20.1.2.0/24", baseline=APPROVED),
    case("ssh behind an unusual port", "speaks", a_gateway(), severity="high", on=GATEWAY),
    case("rdp over tls", "speaks", a_gateway(3389, "Tls")),
    case("a group that lets anybody in", "speaks", a_gateway(), "*", severity="high"),
    case("a group that lets an office in", "speaks", a_gateway(), "20.1.2.0/24", severity="medium"),
    case("a group that lets nobody in", "speaks", a_gateway(), "10.0.0.0/8", severity="medium"),
    case("a group that was not read", "speaks", a_gateway(), "*", severity="high", unread=(GATEWAY_GROUP,)),
    case("a gateway of a service", "speaks", a_gateway() | {"managedBy": "the platform"}),
    case("a port that cannot be read", "unknown", a_gateway("ssh")),
    case("a rule whose listener is missing", "unknown", a_gateway(listeners=[])),
    case("a mere reference", "unknown", {"id": GATEWAY, "name": "agw"}),
)
