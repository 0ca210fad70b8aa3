"""Random NSGs: ordinary ones, and nasty ones in every spelling ARM documents know."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.unit.nsg.notation import ASG_ID, NSG_ID

PLAIN_ADDRESSES = (
    "*",
    "*",
    "*",
    "Internet",
    "0.0.0.0/0",
    "::/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "45.60.0.0/16",
    "45.60.128.0/17",
    "45.60.1.0-45.60.200.9",
    "10.0.0.0/8",
    "10.1.2.3/16",
    "VirtualNetwork",
    "AzureLoadBalancer",
    "168.63.129.16",
    "2a0b:77c0::/32",
    "fc00::/7",
    "100.0.0.0/8",
    "9.255.255.255",
)
NASTY_ADDRESSES = (
    *[
        "internet",
        "VIRTUALNETWORK",
        "AzureCloud",
        "azurecloud",
        "Storage",
        "Storage.WestEurope",
        "Fabrikam.Edge",
        "Any",
        "10.0.0.0/40",
        "300.1.1.1",
    ],
    *["::ffff:45.60.0.0/112", "2A0B:77C0:0::1", "224.0.0.0/3"],
    " 45.60.9.9 ",
)
TAGS = ("Storage", "Storage", "storage", "Storage.WestEurope", "AzureCloud", "Internet", "*", "45.60.0.0/16")
V4_AND_V6 = ("*", "0.0.0.0/0", "::/0", "45.60.0.0/16", "2a0b:77c0::/32", "2000::/4", "Internet", "0.0.0.0/1")
LOCAL_V4_AND_V6 = ("*", "0.0.0.0/0", "::/0", "10.44.7.0/26", "10.44.7.9", "fd00::/8", "fd00::7")
LOCAL_TAGS = ("*", "*", "Storage", "storage", "AzureCloud", "10.44.7.0/26", "45.60.9.9")
LOCALS = (
    "*",
    "*",
    "*",
    "10.44.7.0/26",
    "10.44.0.0/16",
    "10.44.7.9",
    "VirtualNetwork",
    "fd00::/8",
    "45.60.9.9",
)
PORTS = ("22", "22", "22", "*", "20-25", "80", "443", "22-22", "3389", "22-3389", "0-65535", "23-3388")
NASTY_PORTS = ("70000", "abc", "25-20", " 22 ")
SOURCE_PORTS = ("*", "*", "*", "*", "0-32767", "32768-65535", "1-1000", "49152", "900-2000")
type Pools = tuple[tuple[str, ...], tuple[str, ...]]
REPEATED_TAGS: Pools = TAGS, ("*", "*", "*", "10.44.7.0/26")
TAGS_ON_BOTH_SIDES: Pools = TAGS, LOCAL_TAGS
FAMILIES: Pools = V4_AND_V6, LOCAL_V4_AND_V6

GROUPS = tuple(ASG_ID + name for name in ("web", "db", "ops"))


def _field(draw: Any, key: str, plural: str, pool: tuple[str, ...], nasty: tuple[str, ...]) -> dict[str, Any]:
    """Singular, plural, both, or (when nasty) nothing at all."""
    form = draw(_one_of(("one", "one", "one", "many", "both") + (("none",) if nasty else ())))
    fields: dict[str, Any] = {}
    if form in {"one", "both"}:
        fields[key] = draw(_one_of(pool + nasty))
    if form in {"many", "both"}:
        fields[plural] = draw(_some_of(pool + nasty, least=form == "many"))
    return fields


# Strategies are made once: making them is most of what a random rule would cost.


@cache
def _one_of(pool: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(pool)


@cache
def _some_of(pool: tuple[Any, ...], *, least: bool) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(pool), min_size=least, max_size=3)


_SOME_GROUPS = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=2, unique=True)
_SPOILT = st.lists(
    st.sampled_from(
        [
            (key, value)
            for key, values in {
                "access": ("ALLOW", "deny", "Permit", None),
                "direction": ("inbound", "INBOUND", "Sideways"),
                "priority": ("abc", None, 200, 200, 7, 65001, 65500),
                "protocol": ("TCP", "tcp", "Any", None),
                "sourcePortRange": (None, "", "x"),
            }.items()
            for value in values
        ]
    ),
    max_size=2,
)


def _side(draw: Any, side: str, pool: tuple[str, ...], nasty: tuple[str, ...]) -> dict[str, Any]:
    fields = _field(draw, f"{side}AddressPrefix", f"{side}AddressPrefixes", pool, nasty)
    if draw(_one_of(range(6))) == 0:
        groups = draw(_SOME_GROUPS)
        fields[f"{side}ApplicationSecurityGroups"] = [{"id": group} for group in groups]
        if draw(_one_of((False, True))):
            fields.pop(f"{side}AddressPrefix", None)
            fields.pop(f"{side}AddressPrefixes", None)
    return fields


@st.composite
def rules(
    draw: Any,
    name: str,
    *,
    nasty: bool = False,
    tags: bool = True,
    inbound: bool = True,
    pools: Pools | None = None,
) -> dict[str, Any]:
    """`pools` are the addresses of the far and of the near side to choose from, instead of a bit of all."""
    addresses = PLAIN_ADDRESSES + (("AzureCloud", "Storage") if tags else ())
    addresses, locals_ = pools or (addresses, LOCALS)
    odd = NASTY_ADDRESSES if nasty else ()
    near, far = ("destination", "source")
    direction = "Inbound"
    if not inbound and draw(_one_of((False, True))):
        near, far, direction = far, near, "Outbound"
    properties: dict[str, Any] = {
        "access": draw(_one_of(("Allow", "Allow", "Deny"))),
        "direction": direction,
        "priority": draw(_one_of(range(12))) * 50 + 150,
        "protocol": draw(_one_of(("Tcp", "Tcp", "Tcp", "*", "Udp", "Icmp"))),
        **_side(draw, far, addresses, odd),
        **_side(draw, near, locals_, ("AzureCloud",) if nasty else ()),
        **_field(draw, "destinationPortRange", "destinationPortRanges", PORTS, NASTY_PORTS if nasty else ()),
        "sourcePortRange": draw(_one_of(SOURCE_PORTS)),
    }
    return {"name": name, "properties": properties | dict(draw(_SPOILT) if nasty else ())}


@cache
def _rule(
    name: str, nasty: bool, tags: bool, inbound: bool, pools: Pools | None
) -> st.SearchStrategy[dict[str, Any]]:
    return rules(name, nasty=nasty, tags=tags, inbound=inbound, pools=pools)


@cache
def _places(count: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(108, 140), min_size=count, max_size=count, unique=True)


@st.composite
def nsgs(
    draw: Any,
    *,
    nasty: bool = False,
    tags: bool = True,
    inbound: bool = True,
    unique: bool = False,
    most: int = 5,
    pools: Pools | None = None,
) -> dict[str, Any]:
    """An NSG of up to `most` rules; `unique` gives each rule a priority of its own, as ARM insists."""
    count = draw(_one_of(range(most + 1)))
    found = [draw(_rule(f"rule{index}", nasty, tags, inbound, pools)) for index in range(count)]
    if unique:
        places = draw(_places(count))
        for rule, place in zip(found, places, strict=True):
            rule["properties"]["priority"] = place
    return {"id": NSG_ID, "properties": {"securityRules": found}}
