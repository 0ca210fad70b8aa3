"""The facts of a finding as sentences: raw text, made safe only where it enters a card."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from remediation import kinds
from remediation.errors import InvalidResourceId
from remediation.messages import utc
from remediation.model.decisions import LATENT, LEAVES, NOT_FIXABLE, SEVERITY_BECAUSE, WAYS_IN, WAYS_UNKNOWN
from remediation.resource_id import ResourceId

_KINDS = {
    kinds.NSG: "network security group",
    kinds.BASTION: "Bastion host",
    kinds.PUBLIC_IP: "public IP address",
    kinds.VNET: "virtual network",
    kinds.SUBNET: "subnet",
    kinds.LOAD_BALANCER: "load balancer",
    kinds.NIC: "network interface",
    kinds.ROUTE_TABLE: "route table",
    kinds.VIRTUAL_MACHINE: "virtual machine",
}


_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def kind_and_name(resource: str) -> tuple[str, str]:
    """("network security group", "nsg-web"); for what is no resource id, ("", the text itself)."""
    parsed = _parsed(resource)
    if parsed is None:
        return "", resource
    name = parsed.name
    if parsed.type == kinds.SUBNET and parsed.parent:
        name = f"{parsed.name} in {parsed.parent.name}"
    return _KINDS.get(parsed.type, parsed.type.rpartition("/")[2]), name


def place(resource: str) -> tuple[str, str]:
    """Resource group and subscription; empty where the id names none."""
    parsed = _parsed(resource)
    return (parsed.resource_group, parsed.subscription) if parsed else ("", "")


def witness(packet: Mapping[str, Any], can: str = "can") -> str:
    """The proving packet: ``20.33.7.9 can reach 10.1.0.4 on TCP 22 through rule x, priority 300``, or ""."""
    if not packet.get("source"):
        return ""
    protocol = str(packet.get("protocol") or "port").replace("*", "any protocol,")
    protocol = protocol.upper() if protocol.lower() in {"tcp", "udp", "icmp"} else protocol
    sentence = f"{packet['source']} {can} reach {packet.get('destination', '?')} on {protocol}"
    sentence += f" {packet.get('port', '?')}"
    if packet.get("allowedBy"):
        sentence += f" through rule {packet['allowedBy']}"
    if packet.get("priority") is not None:
        sentence += f", priority {packet['priority']}"
    return sentence


NAMES = frozenset({"Azure", "Bastion", "Linux", "Windows"})
"""What keeps its capital in the middle of a sentence."""


def because(evidence: Mapping[str, Any]) -> str:
    """Why it is as severe as it is, in the rule's words; "" in a record of an earlier release."""
    return str(evidence.get(SEVERITY_BECAUSE, ""))


def latent(evidence: Mapping[str, Any]) -> str:
    """Why nobody arrives at a machine today although the rules would let them; "" where somebody does."""
    why = evidence.get(LATENT)
    return (
        _sentence(f"nobody arrives at a machine through it today: {why}")
        if isinstance(why, str) and why
        else ""
    )


def ways_in(evidence: Mapping[str, Any]) -> list[str]:
    """Along which ways somebody arrives at a machine today, as the rule has found them."""
    ways = evidence.get(WAYS_IN)
    return [f"{way}." for way in ways] if isinstance(ways, list) else []


def ways_unknown(evidence: Mapping[str, Any]) -> str:
    """Why nobody can tell whether somebody arrives; "" where that is known."""
    why = evidence.get(WAYS_UNKNOWN)
    return why if isinstance(why, str) else ""


def held_back(reasons: Iterable[str]) -> list[str]:
    """Why a proven repair was not applied: the guards' own sentences."""
    return [_sentence(reason) for reason in reasons]


def sentences(lines: Iterable[str]) -> list[str]:
    """Clauses as sentences: which ways in a repair closes, what it changes for traffic."""
    return [_sentence(line) for line in lines]


def left_open(evidence: Mapping[str, Any]) -> list[str]:
    """What a repair leaves as it is, and what a person could do about it."""
    left = evidence.get(LEAVES)
    return [_sentence(str(text)) for text in left] if isinstance(left, list) else []


def not_repaired(evidence: Mapping[str, Any]) -> str:
    """Why nothing is written, with what a person could do, where the rule or the engine said so."""
    why = evidence.get(NOT_FIXABLE)
    if isinstance(why, str) and why:
        return _sentence(f"not repaired: {why}")
    return "Bastion Guard tells of this kind of drift and leaves the repair to people."


def _sentence(text: str) -> str:
    """A clause as a sentence: a capital in front (but not of a rule's id), a full stop at the end."""
    first = text.split(" ", 1)[0]
    capital = text if "-" in first else f"{text[:1].upper()}{text[1:]}"
    return capital if text.endswith((".", "!", "?")) else f"{capital}."


def who(actor: Mapping[str, str]) -> str:
    """The name the event's claims give, else an id, with the address it came from: a hint, not a proof."""
    name, address = actor.get("name", ""), actor.get("address", "")
    if not name or _GUID.fullmatch(name):
        name = _unnamed(actor, name or actor.get("objectId", ""))
    if not name:
        return f"somebody at {address}" if address else "unknown: no event named anybody"
    return f"{name} from {address}" if address else name


def _unnamed(actor: Mapping[str, str], identity: str) -> str:
    """What an id alone stands for, as far as one can tell: never the bare GUID."""
    application = actor.get("appId", "")
    if actor.get("client"):
        return f"an application ({actor['client']}, {identity or application})"
    if application:
        return f"application {application}"
    return f"a principal without a name ({identity})" if identity else ""


def client(actor: Mapping[str, str]) -> str:
    """The program and its application id, ``Azure portal (c44b4083-...)``; empty when neither is known."""
    name, application = actor.get("client", ""), actor.get("appId", "")
    if name and application:
        return f"{name} ({application})"
    return name or (f"application {application}" if application else "")


def declared_by(evidence: Mapping[str, Any]) -> str:
    """Whose word a finding is about, ``deployment 7d1f0000 (pipeline-web)``; "" where it is about none."""
    name, principal = str(evidence.get("declaredBy", "")), str(evidence.get("declaredPrincipal", ""))
    return f"{name} ({principal})" if name and principal else name


def operation(name: str) -> str:
    """The end of an ARM operation, ``securityRules/write``: the whole is wider than a phone."""
    return "/".join(name.split("/")[-2:])


def moment(when: datetime) -> str:
    return f"{utc(when):%Y-%m-%d %H:%M} UTC"


def ago(when: datetime, now: datetime) -> str:
    """As in ``3 min ago``. A moment that lies ahead (clocks differ) counts as now."""
    age = utc(now) - utc(when)
    return f"{span(age)} ago" if age >= timedelta(seconds=5) else "just now"


def span(length: timedelta) -> str:
    """A length of time in the one unit a person would use: 42 s, 3 min, 5 h, 2 days."""
    seconds = max(0, round(length.total_seconds()))
    for size, unit in ((86_400 * 2, "days"), (3_600 * 2, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds // {'days': 86_400, 'h': 3_600, 'min': 60}[unit]} {unit}"
    return f"{seconds} s"


def _parsed(resource: str) -> ResourceId | None:
    try:
        return ResourceId.parse(resource)
    except InvalidResourceId:
        return None
