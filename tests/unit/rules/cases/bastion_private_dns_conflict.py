from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    HOST,
    SPOKE,
    a_developer_host,
    a_host,
    a_link,
    a_network,
    a_zone,
    the_hub,
)

ZONES = "microsoft.network/privatednszones"
LINKS = "microsoft.network/privatednszones/virtualnetworklinks"
NAMES = (
    "management.azure.com",
    "azure.com",
    "core.windows.net",
    "blob.core.windows.net",
    "vault.azure.net",
    "vaultcore.windows.net",
)
CONFLICT = (a_host(), the_hub(), a_zone("blob.core.windows.net"), a_link("blob.core.windows.net"))
HARMLESS = "privatelink.blob.core.windows.net"

CASES = (
    Case("no zones", "silent", HOST, (a_host(), the_hub())),
    Case(
        "a zone for private endpoints",
        "silent",
        HOST,
        (a_host(), the_hub(), a_zone(HARMLESS), a_link(HARMLESS)),
    ),
    Case(
        "privatelink.azure.com is only noted",
        "silent",
        HOST,
        (a_host(), the_hub(), a_zone("privatelink.azure.com"), a_link("privatelink.azure.com")),
    ),
    Case(
        "a zone linked to others",
        "silent",
        HOST,
        (a_host(), the_hub(), a_zone("azure.com"), a_link("azure.com", SPOKE)),
    ),
    Case(
        "Developer stands outside",
        "silent",
        HOST,
        (a_developer_host(), a_network(), a_zone("azure.com"), a_link("azure.com")),
    ),
    *(
        Case(
            f"linked to {name}",
            "speaks",
            HOST,
            (a_host(), the_hub(), a_zone(name), a_link(name)),
            severity="high",
            on=HOST,
        )
        for name in NAMES
    ),
    Case(
        "a zone in another case",
        "speaks",
        HOST,
        (a_host(), the_hub(), a_zone("Azure.COM"), a_link("Azure.COM")),
    ),
    Case("zones are not shown", "unknown", HOST, CONFLICT, unread=(ZONES,)),
    Case("links are not shown", "unknown", HOST, CONFLICT, unread=(LINKS,)),
    Case("a host that names no network", "unknown", HOST, ({**a_host(), "properties": {}}, *CONFLICT[1:])),
)
