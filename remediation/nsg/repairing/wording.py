"""What a repair says of itself: what was proven, what was left aside, what a person could do instead."""

from remediation.nsg.document import Nsg
from remediation.nsg.repairing.companions import FIRST_FREE
from remediation.nsg.repairing.planner import Plan
from remediation.nsg.repairing.proof import takes_only
from remediation.nsg.rule import ANY_PROTOCOL, Direction
from remediation.nsg.spaces.addresses import cidrs

RDP = 3389
PORTLESS_TOLERANCE = (
    "What a rule of protocol * with a list of ports does to ICMP, ESP and AH is not confirmed and was left "
    "out of the comparison."
)
PRIVATE_TOLERANCE = (
    "Private sources outside VirtualNetwork, which cannot be routed here, may no longer match a rule that "
    "named any source."
)
STAYS_OPEN = "Connections that are open already stay open."
CUT = (
    "The group has flushConnection on: open connections are judged again, and those that are no longer "
    "allowed are cut."
)


def cuts_connections(nsg: Nsg) -> bool:
    """Whether changing a rule ends connections that are open (`properties.flushConnection`)."""
    document = nsg.document
    properties = document.get("properties") if isinstance(document.get("properties"), dict) else document
    return properties.get("flushConnection") is True


def proof(before: Nsg, found: Plan) -> str:
    """What was proven, in sentences."""
    ports = ", ".join(str(port) for port in found.f.ports)
    kept = f" {_shown(cidrs(found.f.narrow))}, named by a rule, stays as it is." if found.f.narrow else ""
    return (
        f"On the whole flow space, in both directions: what is allowed after {len(found.changes)} write(s) "
        f"is what was allowed before, without TCP and UDP {ports} from public sources that are not approved."
        f"{kept} Nothing is newly allowed after any single write. "
        + (CUT if cuts_connections(before) else STAYS_OPEN)
    )


def tolerances(before: Nsg, found: Plan) -> tuple[str, ...]:
    """What the proof left aside."""
    said = []
    names = {change.name for change in found.changes}
    if any(rule.protocol == ANY_PROTOCOL for rule in before.custom if rule.name in names):
        said.append(PORTLESS_TOLERANCE)
    if not takes_only(found.difference, found.f, tolerant=False):
        said.append(PRIVATE_TOLERANCE)
    return tuple(said)


def suggestion(before: Nsg, found: Plan) -> str:
    """What a person could do about the rules that are left: only what ARM takes, and never below 111."""
    names = [name for name, _ in found.left if name]
    names = names or [candidate.changes[-1].name for candidate in found.chosen]
    ports = " and ".join(str(port) for port in found.f.ports)
    place = _free_above(before, names)
    if place is None:
        return f"A person could take ports {ports} out of {_rules(names)}, or narrow its sources"
    text = f"A person could add a Deny rule at priority {place}: source Internet, destination *, Tcp, "
    text += f"ports {ports}"
    text += f"; and one like it for Udp {RDP}" if RDP in found.f.ports else ""
    return f"{text}. Approved sources need an Allow above that"


def _free_above(before: Nsg, names: list[str]) -> int | None:
    """A priority before all these rules at which a person may add one, outside just-in-time access's own."""
    taken = {rule.priority for rule in before.custom if rule.direction is not Direction.OUTBOUND}
    first = min((rule.priority for rule in before.custom if rule.name in names and rule.priority), default=0)
    return next((place for place in range(first - 1, FIRST_FREE - 1, -1) if place not in taken), None)


def _rules(names: list[str]) -> str:
    return f"rule {names[0]}" if len(names) == 1 else f"rules {', '.join(names[:5])}"


def _shown(texts: list[str]) -> str:
    return ", ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")
