"""Whether two networks carry traffic between a place in one of them and a place in the other.

Both sides of a peering have to carry it, and both have to be there where both networks were read. Three
answers: yes; no, with the reason; unknown, with what would have to be known. Networks joined through hubs of
a Virtual WAN, or over gateways, are not asked about here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from remediation.landing_zone.joining.peering import Peering, peerings_to, says_its_peerings
from remediation.model import Resource, Unread, View
from remediation.nsg.spaces.addresses import EVERY_ADDRESS, FAMILIES, Family
from remediation.nsg.spaces.sets import EMPTY, Ranges, covers, intersect
from remediation.resource_id import ResourceId

type Verdict = Literal["yes", "no", "unknown"]
type _Side = tuple[Peering, ...] | str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where traffic comes from or goes to: a network, a subnet of it (by name), addresses there.

    Without a subnet it is not known in which; without `ranges` the addresses are not known.
    """

    network: ResourceId
    subnet: str | None = None
    ranges: Ranges = EMPTY


@dataclass(frozen=True, slots=True)
class Carried:
    """Whether traffic is carried, and why not.

    `disputed`: access is off, and whether a rule that names the addresses would let packets through all the
    same is told both ways: whoever meets such a rule cannot tell.
    """

    verdict: Verdict
    reason: str = ""
    disputed: bool = False


YES = Carried("yes")


def _no(reason: str) -> Carried:
    return Carried("no", reason)


def _unknown(reason: str) -> Carried:
    return Carried("unknown", reason)


def carries(source: Place, target: Place, family: Family, view: View) -> Carried:
    """Whether traffic of a family gets from one place to another, and its answers back."""
    return Joints(view).carries(source, target, family)


class Joints:
    """Answers many such questions about one view; what is between two networks is read once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._sides: dict[tuple[str, str], _Side] = {}

    def carries(self, source: Place, target: Place, family: Family) -> Carried:
        """As the function of that name."""
        if source.network == target.network:
            return YES
        there, back = self._side(source.network, target.network), self._side(target.network, source.network)
        if there == () or back == ():
            return _no(_unpeered(source, target, one_sided=bool(there or back)))
        answers: list[Carried] = [
            *(_side_carries(there, source, target, family) if isinstance(there, tuple) else ()),
            *(_side_carries(back, target, source, family) if isinstance(back, tuple) else ()),
        ]
        refused = next((one for one in answers if one.verdict == "no"), None)
        if refused is not None:
            return refused
        unread = next((side for side in (there, back) if isinstance(side, str)), None)
        if unread is not None:
            return _unknown(unread)
        if (there is None or back is None) and not any(
            one.connected for one in (*(there or ()), *(back or ()))
        ):
            return _unknown(f"{source.network.name} or {target.network.name} came without its peerings")
        return next((one for one in answers if one.verdict == "unknown"), YES)

    def _side(self, network: ResourceId, remote: ResourceId) -> _Side:
        """The peerings of a network that lead to another; in words why they are not known.

        None where its document lists none at all, as hand-made ones do: then the other side's word holds,
        since ARM calls a peering connected only where both sides are.
        """
        pair = network.key, remote.key
        if pair not in self._sides:
            self._sides[pair] = _side(network, remote, self._view.get(network))
        return self._sides[pair]


def _side(network: ResourceId, remote: ResourceId, document: Resource | Unread | None) -> _Side:
    if isinstance(document, Unread):
        return document.reason
    if document is None:
        return ()
    if not isinstance(document.properties(), Mapping):
        return f"network {network.name} came without its properties"
    return peerings_to(document, remote) if says_its_peerings(document) else None


def _connected(side: _Side) -> bool:
    return isinstance(side, tuple) and any(one.connected for one in side)


def _unpeered(source: Place, target: Place, *, one_sided: bool) -> str:
    pair = f"{source.network.name} and {target.network.name}"
    return f"{pair} are peered from one side only" if one_sided else f"{pair} are not peered"


def _side_carries(sides: Iterable[Peering], near: Place, far: Place, family: Family) -> Iterator[Carried]:
    """What one network's own side says: of several peerings between the same two, the best."""
    answers = [next(_faults(side, near, far, family), YES) for side in sides]
    yield min(answers, key=lambda answer: ("yes", "unknown", "no").index(answer.verdict))


def _faults(side: Peering, near: Place, far: Place, family: Family) -> Iterator[Carried]:
    """Why one side carries no such traffic, what is certain first."""
    found = [
        fault
        for fault in (_state(side), _access(side), _family(side, family), _subnets(side, near, far),
                      _space(side, far, family))
        if fault is not None
    ]  # fmt: skip
    yield from (fault for fault in found if fault.verdict == "no")
    yield from found


def _state(side: Peering) -> Carried | None:
    """A side without a state is one of a template: where both are declared, they will be connected."""
    return _no(f"peering {side.name} is {side.state}") if side.broken else None


def _access(side: Peering) -> Carried | None:
    if side.access is None:
        return _unknown(f"peering {side.name} does not say whether it lets traffic across")
    if side.access:
        return None
    return Carried("no", f"peering {side.name} lets no traffic across (allowVirtualNetworkAccess)", True)


def _family(side: Peering, family: Family) -> Carried | None:
    if family != "ipv4" or side.only_ipv6 is False:
        return None
    if side.only_ipv6 is None:
        return _unknown(f"peering {side.name} does not say whether it carries IPv4")
    return _no(f"peering {side.name} carries IPv6 alone")


def _subnets(side: Peering, near: Place, far: Place) -> Carried | None:
    """Where chosen subnets are peered: whether both places lie in one of them."""
    if side.complete:
        return None
    if side.complete is None:
        return _unknown(f"peering {side.name} does not say whether whole networks take part")
    unsure: Carried | None = None
    for place, names in ((near, side.local_subnets), (far, side.remote_subnets)):
        if names is None:
            unsure = _unknown(f"peering {side.name} does not name the subnets that take part")
        elif place.subnet is None:
            unsure = unsure or _unknown(f"in which subnet of {place.network.name} it lies is not known")
        elif place.subnet.lower() not in names:
            return _no(f"peering {side.name} leaves out subnet {place.subnet} of {place.network.name}")
    return unsure


def _space(side: Peering, far: Place, family: Family) -> Carried | None:
    """Whether the side knows the addresses of the far place: a range added since is not reached."""
    known, wanted = side.remote_ranges, intersect(far.ranges, FAMILIES[family])
    if known is None or not wanted:
        known = EVERY_ADDRESS if side.in_sync is not False else None
    if known is None:
        return _unknown(f"peering {side.name} is not in sync, and whether it knows the addresses is unsaid")
    if covers(known, wanted):
        return None
    where = f"the addresses of {far.network.name}"
    if intersect(known, wanted):
        return _unknown(f"peering {side.name} knows only a part of {where}")
    if side.in_sync:
        return _unknown(f"peering {side.name} says that it is in sync and does not know {where}")
    return _no(f"peering {side.name} is not in sync: it does not know {where} (peeringSyncLevel)")
