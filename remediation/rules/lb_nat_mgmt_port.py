"""Rule lb-nat-mgmt-port."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import LOAD_BALANCER, NIC, PUBLIC_IP, SCALE_SET_NIC
from remediation.landing_zone import commands
from remediation.model import Resource, Severity, Snapshot, UndecidedError, Violation
from remediation.nsg import detected
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Doubts, Follow, Group, Listed, Need, Verdict, rule, without_properties
from remediation.ways.balancing import Balancer, Forwarder, read
from remediation.ways.crossing.description import ONLY_APPROVED
from remediation.ways.crossing.passing import Passing
from remediation.ways.entries.balancers import leads_from
from remediation.ways.landscape import Landscape
from remediation.ways.needs import GUARDS_OF_NIC, PREFIXES
from remediation.ways.targets import targets_of
from remediation.ways.way import Way

# The command of the Azure CLI that takes a forwarder away, by what it is.
TAKE_AWAY = {
    "lb-nat-rule": "az network lb inbound-nat-rule delete",
    "lb-nat-pool": "az network lb inbound-nat-pool delete",
    "lb-rule": "az network lb rule delete",
}
MOST_SHOWN = 20
_MEMBERS = (
    "properties.backendAddressPools[].properties.backendIPConfigurations[].id",
    "properties.inboundNatRules[].properties.backendIPConfiguration.id",
)


def _members(*then: Need) -> Iterator[Need]:
    for path in _MEMBERS:
        for kind in (NIC, SCALE_SET_NIC):
            yield Follow(path, to=kind, then=then)


def _forwards_any(balancer: Resource, _snapshot: Snapshot, baseline: Baseline) -> bool:
    wanted = set(detected(baseline.management_ports))
    return any(_backend(forwarder, wanted) != [] for forwarder in read(balancer).forwarders)


def _with_addresses(balancer: Resource, _snapshot: Snapshot) -> Iterable[ResourceId]:
    """The balancer itself where a pool names addresses: whose they are, the list of interfaces says."""
    named = any(pool.addresses for pool in read(balancer).pools.values())
    return (balancer.id,) if named else ()


def _by_address(balancer: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    return (nic.id for nic in _of_addresses(read(balancer), snapshot))


def _of_addresses(balancer: Balancer, snapshot: Snapshot) -> Iterator[Resource]:
    """The interfaces that have an address which a pool names."""
    wanted = {member.address for pool in balancer.pools.values() for member in pool.addresses}
    for nic in snapshot.listed_if_read(NIC, f"/subscriptions/{balancer.id.subscription}") if wanted else ():
        if any(target.address in wanted for target in targets_of(nic)):
            yield nic


@rule(
    "lb-nat-mgmt-port",
    title="Load balancer forwards a management port from the internet",
    applies_to=(LOAD_BALANCER,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Strangers are led to a port where people sign in, or nothing is proven to stop them.",
        Severity.MEDIUM: "Nobody arrives through it today.",
    },
    guidance=("C0", "R13"),
    closer=(
        Follow("properties.frontendIPConfigurations[].properties.publicIPAddress.id", to=PUBLIC_IP),
        *PREFIXES,
        *_members(*GUARDS_OF_NIC),
        Chosen(_with_addresses, then=(Listed(NIC, "subscription"),)),
        Chosen(_by_address, then=GUARDS_OF_NIC),
        Group(),
    ),
    suspects=_forwards_any,
    refuses=without_properties,
)
def forwards_management(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A load balancer forwards SSH or RDP from a public address to a machine behind it.

    What it finds: an inbound NAT rule, NAT pool or load-balancing rule with a public frontend whose backend
    port is a management port, whatever the port is in front. Silent where only approved sources get in along
    every way through it.
    Severity: high; medium where it is proven that nobody gets in along any way through it today, because of
    the network security groups or admin rules behind it. While nobody stands behind it, or it is not known
    who does, it stays high: the way is there.
    Why: it is a public address on the machine by another name, and unusual ports in front hide nothing.
    Fix: none is applied. A person deletes the rule; where a service keeps the balancer (the cloud controller
    of an AKS cluster), it is changed through that service.
    Fix safety: ALERT. Everybody who uses that frontend on that port loses it.
    Unknown: when the frontend a rule names is not in the document, or says neither public nor private; when
    a backend port cannot be read.
    References: C0, R13; load balancer, inbound NAT rules.
    """
    balancer = read(subject)
    wanted = set(detected(baseline.management_ports))
    found: list[_Found] = []
    doubts = Doubts()
    behind = _Behind(balancer, snapshot, baseline)
    for forwarder in balancer.forwarders:
        ports = _backend(forwarder, wanted)
        public = _is_public(balancer, forwarder)
        if public is False or ports == []:
            continue
        if public is None or ports is None:
            what = "its ports" if ports is None else "its frontend"
            doubts.add(f"{forwarder.id.name} of {subject.id.name} cannot be judged: {what} cannot be read")
            continue
        one = _Found(forwarder, ports, tuple(behind.ways(forwarder)), behind.unread)
        if not one.as_intended:
            found.append(one)
    if found:
        yield _violation(subject, found)
    else:
        yield from doubts


def _backend(forwarder: Forwarder, wanted: set[tuple[int, str]]) -> list[str] | None:
    """The management ports it leads to, as ``tcp/22``; None when its ports cannot be read."""
    if forwarder.translation is None:
        return None
    return [
        f"{protocol}/{port}"
        for port, protocol in sorted(wanted)
        if forwarder.translation.front_of(port, protocol) is not None
    ]


def _is_public(balancer: Balancer, forwarder: Forwarder) -> bool | None:
    """Whether a forwarder's frontend is public; None when that cannot be read."""
    front = balancer.fronts.get(forwarder.frontend)
    if front is None:
        return None
    return True if front.public is not None else False if front.internal else None


class _Behind:
    """The machines behind a balancer, and the ways to them."""

    def __init__(self, balancer: Balancer, snapshot: Snapshot, baseline: Baseline) -> None:
        self._balancer = balancer
        self._around = Landscape(snapshot)
        self._passing = Passing(self._around, baseline.allowed_management_sources)
        self._services = detected(baseline.management_ports)
        self._nics, self.unread = self._read(snapshot)

    def _read(self, snapshot: Snapshot) -> tuple[list[Resource], str]:
        unread = ""
        nics = {nic.id.key: nic for nic in _of_addresses(self._balancer, snapshot)}
        named = {key for pool in self._balancer.pools.values() for key in pool.configurations}
        for text in named | {one.configuration for one in self._balancer.forwarders if one.configuration}:
            identity = ResourceId.parse(text)
            nic = identity.up_to(NIC) or identity.up_to(SCALE_SET_NIC)
            try:
                document = None if nic is None else self._around.need(nic)
            except UndecidedError as error:
                unread = error.reason
                continue
            if document is not None:
                nics[document.id.key] = document
        return list(nics.values()), unread

    def ways(self, forwarder: Forwarder) -> Iterator[Way]:
        """The ways through one forwarder to management ports."""
        for nic in self._nics:
            for target in targets_of(nic):
                for lead in leads_from(self._balancer, target, self._around):
                    if lead.through[-1].rule == forwarder.id.name and lead.kind == forwarder.kind:
                        for port, protocol in self._services:
                            way = self._passing.way(lead, target, port, protocol)
                            if way is not None:
                                yield way


@dataclass(frozen=True, slots=True)
class _Found:
    """A forwarder that leads to management ports, with the ways through it."""

    forwarder: Forwarder
    ports: list[str]
    ways: tuple[Way, ...]
    unread: str

    @property
    def as_intended(self) -> bool:
        """Whether it is proven that nobody but approved sources gets in."""
        return self._all_closed and all(way.reason == ONLY_APPROVED for way in self.ways)

    @property
    def latent(self) -> str:
        """Why nobody gets in today, where that is proven."""
        return "; ".join(dict.fromkeys(way.reason for way in self.ways)) if self._all_closed else ""

    @property
    def _all_closed(self) -> bool:
        """A NAT pool's instances are not shown, so that other ways may be open."""
        known = bool(self.ways) and not self.unread and self.forwarder.kind != "lb-nat-pool"
        return known and all(way.verdict == "closed" for way in self.ways)

    def to_json(self) -> dict[str, Any]:
        front = self.forwarder.front_port
        return {
            "name": self.forwarder.id.name,
            "kind": self.forwarder.kind,
            "backend": self.ports,
            "frontendPort": "every port" if front is None else str(front),
        }


def _violation(balancer: Resource, found: list[_Found]) -> Violation:
    facts = [one.to_json() for one in found]
    ways = ", ".join(f"{one['name']} ({one['frontendPort']} to {', '.join(one['backend'])})" for one in facts)
    reached = sorted({way.through[-1].id.name for one in found for way in one.ways if way.verdict == "open"})
    unknown = [one.unread for one in found if one.unread]
    unknown += [way.reason for one in found for way in one.ways if way.verdict == "unknown"]
    latent = "; ".join(dict.fromkeys(one.latent for one in found)) if all(one.latent for one in found) else ""
    message = f"{balancer.id.name} forwards management ports from the internet: {ways}"
    if latent:
        message += f" (high, lowered to medium: {latent})"
    evidence: dict[str, Any] = {
        "forwarders": facts,
        "blastRadius": "everybody who connects through these frontend ports",
    }
    if reached:
        evidence["machines"] = reached[:MOST_SHOWN]
    if unknown:
        evidence["waysUnknown"] = unknown[0]
    by_hand = tuple(_take_away(balancer, one.forwarder) for one in found)
    severity = Severity.MEDIUM if latent else Severity.HIGH
    return Violation(message, evidence, severity, commands=by_hand, latent=latent)


def _take_away(balancer: Resource, forwarder: Forwarder) -> str:
    return commands.words(
        TAKE_AWAY[forwarder.kind],
        "--resource-group", balancer.id.resource_group,
        "--lb-name", balancer.id.name,
        "--name", forwarder.id.name,
        "--subscription", balancer.id.subscription,
    )  # fmt: skip
