"""Public fronts and what stands behind them: public addresses, load balancers, application gateways.

A door leads to one ip configuration of a machine. What it lets through and what it makes of a packet is
asked packet by packet.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from tests.unit.nsg.oracle import Address
from tests.unit.ways.joining import reaches
from tests.unit.ways.reading import Document, World, id_in, ids_in, parent

PORTS = ((22, "tcp"), (3389, "tcp"), (3389, "udp"))


@dataclass(frozen=True)
class Place:
    """One ip configuration of a machine."""

    machine: str
    nic: str
    id: str
    address: Address
    subnet: str
    configuration: dict[str, Any]


@dataclass(frozen=True)
class Stopped:
    """Where a packet ended: ids of resources that may be named for it, and the rule.

    `sure` is False where nobody can say that it ends there; `later` are what would have ended it afterwards.
    """

    at: frozenset[str]
    rule: str = ""
    sure: bool = True
    later: tuple["Stopped", ...] = ()


type Sieve = Callable[[Address], Stopped | None]


def anybody(_: Address) -> Stopped | None:
    """The sieve of a door that sifts nothing."""
    return None


@dataclass(frozen=True)
class Door:
    """A front that leads to a place.

    names      ids that may stand for the entry
    address    the address in front; None while it has none
    front      the port in front, or "from-to"
    stops      who is stopped before the network, and by what
    through    the subnet whose addresses the machine sees instead of the client's; "" for the client's own
    floating   whether the destination stays the front's address
    bare       what happens where no group stands on the path: "open" or "closed"
    sure       False where it leads there at most by a rule of a group that says so, and nobody knows
    """

    kind: str
    names: frozenset[str]
    address: Address | None
    front: int | str
    port: int
    protocol: str
    place: Place
    stops: Sieve = anybody
    through: str = ""
    floating: bool = False
    bare: str = "closed"
    sure: bool = True

    @property
    def key(self) -> tuple[str, str, str, str, int, str, int]:
        where = str(self.address) if self.address else ""
        family = self.place.address.version
        return self.kind, self.place.id, where, str(self.front), self.port, self.protocol, family


def places(world: World) -> list[Place]:
    """Every ip configuration of every interface that a machine has."""
    found = []
    for nic in world.of("networkInterfaces"):
        machine = id_in(nic["properties"], "virtualMachine")
        for one in nic["properties"]["ipConfigurations"] if machine else []:
            body = one["properties"]
            address = ip_address(body["privateIPAddress"])
            found.append(
                Place(machine, nic["id"].lower(), one["id"].lower(), address, id_in(body, "subnet"), body)
            )
    return found


def own_addresses(world: World, place: Place) -> Iterator[Door]:
    public = world.get(id_in(place.configuration, "publicIPAddress"))
    if public is not None:
        for port, protocol in PORTS:
            names = frozenset({public["id"].lower(), place.nic})
            yield Door(
                "public-ip", names, front_address(public), port, port, protocol, place, bare=_bare(public)
            )


def front_address(public: Document) -> Address | None:
    text = public["properties"].get("ipAddress")
    return ip_address(text) if text else None


def _bare(sold: Document) -> str:
    return "open" if sold["sku"]["name"].lower() == "basic" else "closed"


def balancers(world: World, place: Place) -> Iterator[Door]:
    for balancer in world.of("loadBalancers"):
        regional = balancer["sku"].get("tier", "Regional").lower() != "global"
        for rule in balancer["properties"]["loadBalancingRules"] if regional else []:
            yield from _balanced(world, balancer, rule, place)
        for rule in balancer["properties"]["inboundNatRules"] if regional else []:
            yield from _translated(world, balancer, rule, place)


def _balanced(world: World, balancer: Document, rule: Document, place: Place) -> Iterator[Door]:
    pools = {
        id_in(rule["properties"], "backendAddressPool"),
        *ids_in(rule["properties"], "backendAddressPools"),
    }
    if not any(_pooled(world, pool, place) for pool in pools):
        return
    for port, protocol in PORTS:
        front, back = int(rule["properties"]["frontendPort"]), int(rule["properties"]["backendPort"])
        every = front == 0 and back == 0
        if _speaks(rule, protocol) and (every or back == port):
            yield from _fronted(
                world, balancer, rule, place, "lb-rule", (port if every else front, port, protocol)
            )


def _speaks(rule: Document, protocol: str) -> bool:
    return rule["properties"]["protocol"].lower() in {protocol, "all"}


def _translated(world: World, balancer: Document, rule: Document, place: Place) -> Iterator[Door]:
    body = rule["properties"]
    pool = id_in(body, "backendAddressPool")
    named = rule["id"].lower() in ids_in(place.configuration, "loadBalancerInboundNatRules")
    if not (_pooled(world, pool, place) if pool else named):
        return
    front: int | str = int(body["frontendPort"])
    if pool:
        front = f"{body['frontendPortRangeStart']}-{body['frontendPortRangeEnd']}"
    for port, protocol in PORTS:
        if _speaks(rule, protocol) and int(body["backendPort"]) == port:
            yield from _fronted(world, balancer, rule, place, "lb-nat-rule", (front, port, protocol))


def _pooled(world: World, pool: str, place: Place) -> bool:
    """Whether a pool holds the place: by its interface, or by its address in its network."""
    if pool in ids_in(place.configuration, "loadBalancerBackendAddressPools"):
        return True
    body = world.properties(pool)
    for listed in body.get("loadBalancerBackendAddresses") or []:
        one = listed["properties"]
        network = id_in(one, "virtualNetwork") or id_in(body, "virtualNetwork")
        text = one.get("ipAddress")
        if text and ip_address(text) == place.address and network == parent(place.subnet):
            return True
    return False


def _fronted(
    world: World,
    balancer: Document,
    rule: Document,
    place: Place,
    kind: str,
    ports: tuple[int | str, int, str],
) -> Iterator[Door]:
    """The doors of a rule: its own public front, and those of balancers across regions before it."""
    front = id_in(rule["properties"], "frontendIPConfiguration")
    public = world.get(id_in(world.properties(front), "publicIPAddress"))
    if public is None or not _same_family(public, place):
        return
    names = frozenset({balancer["id"].lower(), front, public["id"].lower(), rule["id"].lower()})
    floating = bool(rule["properties"].get("enableFloatingIP"))
    port, protocol = ports[1:]
    own = Door(
        kind, names, front_address(public), ports[0], port, protocol, place,
        floating=floating, bare=_bare(balancer),
    )  # fmt: skip
    yield own
    for far, far_public, far_port in _across(world, front, ports[0], protocol):
        more = frozenset({far["id"].lower(), far_public["id"].lower()})
        yield Door(
            kind, names | more, front_address(far_public), far_port, port, protocol, place,
            floating=floating, bare=_bare(balancer),
        )  # fmt: skip


def _same_family(public: Document, place: Place) -> bool:
    return bool(public["properties"]["publicIPAddressVersion"] == f"IPv{place.address.version}")


def _across(
    world: World, front: str, port: int | str, protocol: str
) -> Iterator[tuple[Document, Document, int]]:
    """Balancers across regions that send to a regional front: to the port that stands in front there."""
    for far in world.of("loadBalancers"):
        if far["sku"].get("tier", "Regional").lower() != "global":
            continue
        for rule in far["properties"]["loadBalancingRules"]:
            body = rule["properties"]
            pool = world.properties(id_in(body, "backendAddressPool"))
            sent = [
                id_in(one["properties"], "loadBalancerFrontendIPConfiguration")
                for one in pool.get("loadBalancerBackendAddresses") or []
            ]
            public = world.get(
                id_in(world.properties(id_in(body, "frontendIPConfiguration")), "publicIPAddress")
            )
            if front in sent and body["backendPort"] == port and _speaks(rule, protocol) and public:
                yield far, public, body["frontendPort"]


def gateways(world: World, place: Place) -> Iterator[Door]:
    """TCP listeners of application gateways; the machine sees an address of the gateway's subnet."""
    for gateway in world.of("applicationGateways"):
        body = gateway["properties"]
        subnet = id_in(body["gatewayIPConfigurations"][0]["properties"], "subnet")
        for rule in body["routingRules"]:
            listener = world.properties(id_in(rule["properties"], "listener"))
            behind = world.properties(id_in(rule["properties"], "backendSettings"))
            front = world.properties(id_in(listener, "frontendIPConfiguration"))
            public = world.get(id_in(front, "publicIPAddress"))
            pool = id_in(rule["properties"], "backendAddressPool")
            port, front_port = int(behind["port"]), id_in(listener, "frontendPort")
            reached = _behind(world, pool, place, subnet)
            if public is None or port not in {22, 3389} or reached is False:
                continue
            yield Door(
                "appgw-listener", frozenset({gateway["id"].lower(), public["id"].lower()}),
                front_address(public), int(world.properties(front_port)["port"]), port, "tcp",
                place, through=subnet, bare="open", sure=reached is True,
            )  # fmt: skip


def _behind(world: World, pool: str, place: Place, subnet: str) -> bool | None:
    listed = [one.get("ipAddress") for one in world.properties(pool).get("backendAddresses") or []]
    named = pool in ids_in(place.configuration, "applicationGatewayBackendAddressPools")
    if named or str(place.address) in listed:
        return reaches(world, subnet, place.subnet, place.address)
    return False
