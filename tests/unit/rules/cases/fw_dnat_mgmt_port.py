from typing import Any

from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_entries import (
    ADDRESS,
    COLLECTIONS,
    FIREWALL,
    OFFICE_GROUP,
    POLICY,
    RESOURCE_GROUPS,
    a_collection_group,
    a_dnat_rule,
    a_firewall,
    an_address,
    an_ip_group,
    named,
)

APPROVED = {"allowedManagementSources": ["20.1.2.0/24"]}
UNUSED = named(POLICY, {"firewalls": [], "childPolicies": []})
USED = named(POLICY, {"firewalls": [{"id": FIREWALL}]})
FROM_GROUP = a_dnat_rule(sourceAddresses=[], sourceIpGroups=[OFFICE_GROUP])


def classic(name: str, says: Any, *rules: Document, beside: tuple[Document, ...] = (), **more: Any) -> Case:
    return Case(name, says, FIREWALL, (a_firewall(*rules), an_address(), *beside, *RESOURCE_GROUPS), **more)


def grouped(name: str, says: Any, *rules: Document, beside: tuple[Document, ...] = (), **more: Any) -> Case:
    return Case(name, says, COLLECTIONS, (a_collection_group(*rules), *beside, *RESOURCE_GROUPS), **more)


def by_policy(name: str, says: Any, *beside: Document) -> Case:
    firewall = a_firewall(firewallPolicy={"id": POLICY})
    return Case(name, says, FIREWALL, (firewall, an_address(), *beside))


CASES = (
    classic("https to a web server", "silent", a_dnat_rule(destinationPorts=["443"], translatedPort="443")),
    classic("rdp's port over another protocol", "silent", a_dnat_rule(protocols=["UDP"])),
    classic(
        "at an address that is not the firewall's", "silent", a_dnat_rule(destinationAddresses=["20.9.9.9"])
    ),
    classic("for callers inside", "silent", a_dnat_rule(sourceAddresses=["10.0.0.0/8"])),
    classic("for approved callers", "silent", a_dnat_rule(sourceAddresses=["20.1.2.9"]), baseline=APPROVED),
    classic(
        "a port the team does not manage by", "silent", a_dnat_rule(), baseline={"managementPorts": [5986]}
    ),
    classic("ssh behind an unusual port", "speaks", a_dnat_rule(), severity="high", on=FIREWALL),
    classic(
        "rdp over udp",
        "speaks",
        a_dnat_rule(protocols=["UDP"], destinationPorts=["3389"], translatedPort="3389"),
    ),
    classic("every protocol", "speaks", a_dnat_rule(protocols=["Any"])),
    classic("a range of ports", "speaks", a_dnat_rule(destinationPorts=["2220-2229"])),
    classic("for an office", "speaks", a_dnat_rule(sourceAddresses=["20.1.2.0/24"]), severity="medium"),
    classic(
        "for more than the approved",
        "speaks",
        a_dnat_rule(sourceAddresses=["20.1.0.0/16"]),
        baseline=APPROVED,
        severity="medium",
    ),
    classic(
        "to the name of a machine", "speaks", a_dnat_rule(translatedAddress="", translatedFqdn="box.lan")
    ),
    classic("for an ip group of anybody", "speaks", FROM_GROUP, beside=(an_ip_group("0.0.0.0/0"),)),
    classic("for an ip group that was not read", "unknown", FROM_GROUP, unread=(OFFICE_GROUP,)),
    classic("to a port that cannot be read", "unknown", a_dnat_rule(translatedPort="ssh")),
    Case(
        "a public address that was not read",
        "unknown",
        FIREWALL,
        (a_firewall(a_dnat_rule()), *RESOURCE_GROUPS),
        unread=(ADDRESS,),
    ),
    Case("a mere reference", "unknown", FIREWALL, ({"id": FIREWALL, "name": "fw"},)),
    Case(
        "a firewall of the kubernetes service",
        "speaks",
        FIREWALL,
        (a_firewall(a_dnat_rule()) | {"managedBy": "the platform"}, an_address(), *RESOURCE_GROUPS),
    ),
    by_policy("a firewall that goes by a policy", "silent", USED, a_collection_group(a_dnat_rule())),
    Case(
        "a firewall whose policy was not read",
        "unknown",
        FIREWALL,
        (a_firewall(firewallPolicy={"id": POLICY}), an_address(), USED),
        unread=(POLICY,),
    ),
    grouped("network rules of a policy", "silent"),
    grouped("a web port of a policy", "silent", a_dnat_rule(translatedPort="443")),
    grouped("a policy's rule at a private address", "silent", a_dnat_rule(destinationAddresses=["10.9.0.4"])),
    grouped(
        "a policy's rule for approved callers",
        "silent",
        a_dnat_rule(sourceAddresses=["20.1.2.9"]),
        baseline=APPROVED,
    ),
    grouped("a policy of no firewall we know", "speaks", a_dnat_rule(), severity="high", on=COLLECTIONS),
    grouped("a policy of a firewall", "speaks", a_dnat_rule(), beside=(USED,), severity="high"),
    grouped(
        "a policy that no firewall goes by", "speaks", a_dnat_rule(), beside=(UNUSED,), severity="medium"
    ),
    grouped(
        "a policy's rule for an ip group that was not read", "unknown", FROM_GROUP, unread=(OFFICE_GROUP,)
    ),
    grouped("a policy's rule to a port that cannot be read", "unknown", a_dnat_rule(translatedPort=None)),
)
