"""Just-in-time access: whether a rule that is named as its rules are has a live request behind it.

Defender for Cloud writes an allow rule per request and takes it back when the request ends. Anybody can name
a rule like that, so the name proves nothing: a request that is live now must cover the rule's ports, its
destination and, where the request names any, its sources. `jit_requests` says which requests are live.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from remediation.kinds import JIT_POLICY
from remediation.landing_zone.jit_requests import Grant, grants_of
from remediation.landing_zone.machines import addresses_of, machine_of
from remediation.landing_zone.surroundings import Surroundings
from remediation.model import Resource, Snapshot, UndecidedError
from remediation.nsg import Access, Direction, Nsg, SecurityRule, is_jit_name
from remediation.nsg.spaces.addresses import parse_addresses
from remediation.nsg.spaces.sets import Ranges, from_pairs, intersect, subtract
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Listed


def named_allows(nsg: Nsg) -> list[SecurityRule]:
    """Rules that are named as just-in-time access names its rules and do not certainly deny."""
    inbound = (rule for rule in nsg.custom if rule.direction is not Direction.OUTBOUND)
    return [rule for rule in inbound if is_jit_name(rule.name) and rule.access is not Access.DENY]


def _if_named(nsg: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    return (nsg.id,) if named_allows(Surroundings.of(nsg, snapshot).parsed) else ()


# The policies of the subscription, for an NSG that has such a rule.
POLICIES = Chosen(_if_named, then=(Listed(JIT_POLICY, scope="subscription"),))


@dataclass(frozen=True, slots=True)
class Backing:
    """What stands behind a rule: `live` is None where it cannot be told, and `why` says why."""

    rule: SecurityRule
    live: bool | None
    grants: tuple[Grant, ...] = ()
    why: str = ""


@dataclass(frozen=True)  # no slots: the cached properties below live in the instance's dict
class JustInTime:
    """The just-in-time rules of an NSG, and what stands behind each."""

    around: Surroundings

    @cached_property
    def backings(self) -> tuple[Backing, ...]:
        return tuple(self._backing(rule) for rule in named_allows(self.around.parsed))

    @property
    def live(self) -> tuple[str, ...]:
        """Names of the rules that a live request covers."""
        return tuple(backing.rule.name for backing in self.backings if backing.live)

    @property
    def doubtful(self) -> tuple[Backing, ...]:
        return tuple(backing for backing in self.backings if backing.live is None)

    def _backing(self, rule: SecurityRule) -> Backing:
        try:
            grants = self._grants
        except UndecidedError as error:
            return Backing(rule, live=None, why=f"just-in-time requests are unknown: {error.reason}")
        possible = [grant for grant in grants if grant.live is not False and grant.admits(rule)]
        if not _machines(rule, possible):
            return Backing(rule, live=False)
        if self._addresses is None:
            return Backing(rule, live=None, why="not every network interface behind it could be read")
        live = self._covering(rule, [grant for grant in possible if grant.live])
        if live or not self._covering(rule, possible):
            return Backing(rule, live=bool(live), grants=live)
        return Backing(rule, live=None, why="whether its just-in-time request is still live cannot be told")

    def _covering(self, rule: SecurityRule, grants: Sequence[Grant]) -> tuple[Grant, ...]:
        """The grants that together cover a rule: its ports, and no address but their machines'; else none."""
        machines = _machines(rule, grants)
        addresses = self._addresses or {}
        if not _leads_only_to(rule, [addresses.get(machine, ()) for machine in machines]):
            return ()
        return tuple(grant for grant in grants if grant.machine in machines and _opens(rule, grant))

    @cached_property
    def _grants(self) -> Sequence[Grant]:
        snapshot = self.around.snapshot
        subscription = f"/subscriptions/{self.around.nsg.id.subscription}"
        policies = snapshot.need_list(JIT_POLICY, subscription)
        return tuple(grant for policy in policies for grant in grants_of(policy, snapshot.moment))

    @cached_property
    def _addresses(self) -> Mapping[str, Sequence[str]] | None:
        """Machine id (lower case) -> private addresses behind the NSG."""
        nics = self.around.nics
        if nics is None:
            return None
        found: dict[str, list[str]] = {}
        for nic in nics:
            machine = machine_of(nic)
            if machine is not None:
                found.setdefault(machine.key, []).extend(addresses_of(nic))
        return found


def _ranges(texts: Iterable[str]) -> Ranges:
    found = (parse_addresses(text) for text in texts)
    return from_pairs(pair for pair in found if pair is not None)


def _opens(rule: SecurityRule, grant: Grant) -> bool:
    return bool(intersect(rule.destination_ports.known, (grant.port, grant.port + 1)))


def _machines(rule: SecurityRule, grants: Sequence[Grant]) -> set[str]:
    """Machines whose requests cover every port of a rule."""
    return {grant.machine for grant in grants if _opens_all_ports(rule, grant.machine, grants)}


def _opens_all_ports(rule: SecurityRule, machine: str, grants: Iterable[Grant]) -> bool:
    """Whether the requests for one machine cover every port of a rule."""
    ports = rule.destination_ports
    granted = from_pairs((grant.port, grant.port + 1) for grant in grants if grant.machine == machine)
    return bool(ports.known) and not ports.doubts and not subtract(ports.known, granted)


def _leads_only_to(rule: SecurityRule, addresses: Iterable[Sequence[str]]) -> bool:
    """Whether a rule's destination is nothing but addresses of these machines."""
    there = rule.destination
    if there.tags or there.groups or there.doubts or not there.known:
        return False
    return not subtract(there.known, _ranges(text for texts in addresses for text in texts))
