from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import ADDRESS, HOST, a_developer_host, a_host, an_address

ALL = ["1", "2", "3"]

CASES = (
    Case("Standard, static, IPv4", "silent", HOST, (a_host(), an_address())),
    Case("zone-redundant both", "silent", HOST, (a_host(zones=ALL), an_address(zones=ALL))),
    Case(
        "an address in more zones than the host", "silent", HOST, (a_host(zones=["1"]), an_address(zones=ALL))
    ),
    Case("Developer has none", "silent", HOST, (a_developer_host(),)),
    Case(
        "private-only has none",
        "silent",
        HOST,
        (a_host("Premium", address=None, enablePrivateOnlyBastion=True),),
    ),
    Case("Basic", "speaks", HOST, (a_host(), an_address(sku={"name": "basic"})), severity="high", on=HOST),
    Case("no SKU, which is Basic", "speaks", HOST, (a_host(), an_address(sku=None))),
    Case("dynamic", "speaks", HOST, (a_host(), an_address(publicIPAllocationMethod="Dynamic"))),
    Case("IPv6", "speaks", HOST, (a_host(), an_address(publicIPAddressVersion="IPv6"))),
    Case(
        "no zones, which are all zones",
        "speaks",
        HOST,
        (a_host(zones=ALL), an_address()),
        severity="info",
        on=HOST,
    ),
    Case("neither names zones", "silent", HOST, (a_host(), an_address())),
    Case("StandardV2", "silent", HOST, (a_host(), an_address(sku={"name": "StandardV2"}))),
    Case(
        "an address in one zone, the host in another",
        "speaks",
        HOST,
        (a_host(zones=["2"]), an_address(zones=["1"])),
        severity="high",
    ),
    Case("an address in one zone of three", "speaks", HOST, (a_host(zones=ALL), an_address(zones=["1"]))),
    Case("a host that names none", "unknown", HOST, (a_host(address=None),)),
    Case("an address that is not there", "unknown", HOST, (a_host(),)),
    Case(
        "an address that is not shown", "unknown", HOST, (a_host(), an_address()), unread=(ADDRESS.lower(),)
    ),
    Case("an address SKU of next year", "unknown", HOST, (a_host(), an_address(sku={"name": "StandardV9"}))),
    Case("no allocation method", "unknown", HOST, (a_host(), an_address(publicIPAllocationMethod=None))),
)
