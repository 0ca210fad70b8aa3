"""Ways in, machines and Bastions as people say them; for the table and for the page alike.

Names and rules come out of documents, so whatever is in them is made printable here: no line of these can
colour a terminal, move its cursor or turn the direction of the text around it.
"""

from collections.abc import Iterator

from remediation import kinds
from remediation.nsg.difference import public_words
from remediation.nsg.spaces.addresses import V4_SPACE, V6_SPACE
from remediation.resource_id import ResourceId
from remediation.ways.report import Machine, Over, Serving
from remediation.ways.way import Kind, Way

_SERVICES = {22: "SSH", 3389: "RDP", 5985: "WinRM", 5986: "WinRM"}
_ENTRIES = {
    kinds.PUBLIC_IP: "public IP",
    kinds.LOAD_BALANCER: "load balancer",
    kinds.NIC: "interface",
    kinds.BASTION: "Bastion",
    kinds.AZURE_FIREWALL: "firewall",
    kinds.APPLICATION_GATEWAY: "application gateway",
    kinds.PRIVATE_LINK_SERVICE: "private link service",
    kinds.SCALE_SET: "scale set",
    kinds.MANAGED_CLUSTER: "AKS cluster",
    kinds.VIRTUAL_MACHINE: "machine",
}
_MANNERS: dict[Kind, str] = {
    "public-ip": "its own public IP",
    "lb-nat-rule": "NAT rule of a balancer",
    "lb-nat-pool": "NAT pool of a balancer",
    "lb-rule": "rule of a balancer",
    "fw-dnat": "DNAT of a firewall",
    "appgw-listener": "listener of a gateway",
    "nva": "network appliance",
    "scale-set-ip": "public IP of an instance",
    "aks-node-ip": "public IP of a node",
    "private-link": "private link service",
    "shareable-link": "shareable link of a Bastion",
}
_OVER: dict[Over, str] = {
    "network": "in its own network",
    "peering": "over peering",
    "ip-connect": "by IP address",
    "developer": "as Developer host",
}


def printable(text: str) -> str:
    """One line without control characters, line breaks or marks that reverse what follows."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )


def name(resource: ResourceId) -> str:
    """A resource's name; one that lives in another (an instance, a pool) with that one's."""
    parent = resource.parent
    return printable(resource.name if parent is None else f"{parent.name}/{resource.name}")


def service(way: Way) -> str:
    """What a port stands for: `SSH`, `RDP`, else `TCP 8443`."""
    known = _SERVICES.get(way.port) if way.protocol.lower() == "tcp" else None
    return known or f"{way.protocol.upper()} {way.port}"


def manner(kind: Kind) -> str:
    return _MANNERS.get(kind, kind)


def entry(way: Way) -> str:
    """The entry with its name: `public IP pip-1`, `load balancer lb-ops, port 50022`."""
    noun = _ENTRIES.get(way.entry.type, manner(way.kind))
    front = f", port {way.front_port}" if str(way.front_port) != str(way.port) else ""
    return printable(f"{noun} {name(way.entry)}{front}")


def who(way: Way) -> str:
    """Who gets in: `the whole internet`, or the addresses."""
    return public_words(way.sources, space=V6_SPACE if way.family == "ipv6" else V4_SPACE)


def line(way: Way) -> str:
    """A way in one sentence, whatever its verdict."""
    through = f"through {entry(way)}"
    if way.verdict == "open":
        rules = ", ".join(dict.fromkeys(_rules(way)))
        return f"{service(way)} open to {who(way)} {through}{f', {rules}' if rules else ''}"
    if way.verdict == "unknown":
        return f"{service(way)} {through}: not known, {printable(way.reason) or 'no reason is given'}"
    return f"{service(way)} {through}: closed, {stopped(way)}"


def stopped(way: Way) -> str:
    """What stops a closed way: `NSG web, rule deny-ssh`, else the reason."""
    if way.stopped_by is None:
        return printable(way.reason) or "nothing lets it in"
    rule = f", rule {printable(way.stopped_by.rule)}" if way.stopped_by.rule else ""
    return f"stopped by {_noun(way.stopped_by.id)} {name(way.stopped_by.id)}{rule}"


def _stop(way: Way) -> str:
    """The same in short: `nsg-web/deny-ssh`."""
    if way.stopped_by is None:
        return stopped(way)
    return "/".join(filter(None, (name(way.stopped_by.id), printable(way.stopped_by.rule))))


def serving(one: Serving) -> str:
    """`Bastion bas-hub (Standard) over peering`."""
    return f"Bastion {name(one.host)} ({printable(one.sku) or 'SKU not known'}) {_OVER[one.over]}"


def bastions(machine: Machine) -> str:
    return ", ".join(map(serving, machine.bastions)) or "no Bastion reaches it"


def doubts(machine: Machine) -> Iterator[str]:
    """Why a machine is unknown, each reason once."""
    told = (*machine.doubts, *(way.reason for way in machine.ways if way.verdict == "unknown"))
    yield from dict.fromkeys(printable(one) for one in told if one)


def summary(machine: Machine) -> str:
    """The one sentence that matters about a machine."""
    if machine.verdict == "open":
        return "; ".join(line(way) for way in machine.ways if way.verdict == "open")
    if machine.verdict == "unknown":
        return "; ".join(doubts(machine)) or "no reason is given"
    if not machine.ways:
        return "no way in from the internet"
    ways = "way" if len(machine.ways) == 1 else "ways"
    return f"{len(machine.ways)} {ways} closed: {', '.join(dict.fromkeys(map(_stop, machine.ways)))}"


def _rules(way: Way) -> Iterator[str]:
    """The rules of groups and admin rules that let a way through, in the order of the path."""
    for hop in way.through:
        if hop.rule and hop.kind in {"subnet group", "interface group", "admin rule"}:
            word = "admin rule" if hop.kind == "admin rule" else "NSG rule"
            yield f"{word} {printable(hop.rule)}"


def _noun(resource: ResourceId) -> str:
    if resource.type == kinds.NSG:
        return "NSG"
    if "networkmanagers" in resource.type:
        return "admin rules"
    return _ENTRIES.get(resource.type, printable(resource.type.rpartition("/")[2]))
