"""Azure Firewall as an entry: which translations lead to a machine, for whom, and what leaves it open."""

from typing import Any

import pytest

from remediation.kinds import AZURE_FIREWALL
from remediation.nsg.spaces.addresses import PUBLIC_V4 as ANYBODY
from remediation.nsg.spaces.addresses import ranges_of
from remediation.nsg.spaces.sets import subtract
from remediation.ways.entries.firewalls import leads
from remediation.ways.lead import Lead
from tests.unit.ways.estate_of_entries import (
    APPS,
    FIREWALLS,
    HUB,
    NET,
    PUBLIC,
    SPOKE,
    Document,
    a_hub,
    a_network,
    a_nic,
    a_peering,
    a_spoke,
    a_subnet,
    an_address,
    around,
    doubts,
    named,
    reference,
    target_of,
)

FIREWALL = f"{NET}/azureFirewalls/fw"
POLICY = f"{NET}/firewallPolicies/policy"
BASE = f"{NET}/firewallPolicies/base"
VIRTUAL_HUB = f"{NET}/virtualHubs/vhub"
GROUP = f"{NET}/ipGroups/office"
JOINED = (a_spoke(a_peering(HUB)), a_hub(a_peering(SPOKE)))
OFFICE = ranges_of("20.1.2.0/24")


def a_rule(name: str = "ssh", **parts: Any) -> Document:
    return {
        "name": name,
        "sourceAddresses": ["*"],
        "destinationAddresses": [PUBLIC],
        "destinationPorts": ["2222"],
        "protocols": ["TCP"],
        "translatedAddress": "10.1.0.4",
        "translatedPort": "22",
        **parts,
    }


def a_collection(*rules: Document, priority: int = 200, name: str = "nat", action: str = "Dnat") -> Document:
    return {
        "name": name,
        "properties": {"priority": priority, "action": {"type": action}, "rules": list(rules)},
    }


def a_firewall(*collections: Document, **properties: Any) -> Document:
    configuration = {
        "name": "c",
        "properties": {
            "subnet": reference(FIREWALLS),
            "publicIPAddress": reference(f"{NET}/publicIPAddresses/pip"),
        },
    }
    return named(
        FIREWALL, {"ipConfigurations": [configuration], "natRuleCollections": list(collections), **properties}
    )


def a_network_rule(name: str = "no-ssh", **parts: Any) -> Document:
    return {
        "name": name,
        "sourceAddresses": ["*"],
        "destinationAddresses": ["10.1.0.0/16"],
        "destinationPorts": ["22"],
        "protocols": ["TCP"],
        **parts,
    }


def a_group(name: str, *collections: Document, priority: int = 100, policy: str = POLICY) -> Document:
    return named(
        f"{policy}/ruleCollectionGroups/{name}", {"priority": priority, "ruleCollections": list(collections)}
    )


def nat(*rules: Document, priority: int = 100) -> Document:
    return {
        "ruleCollectionType": "FirewallPolicyNatRuleCollection",
        "name": "nat",
        "priority": priority,
        "action": {"type": "DNAT"},
        "rules": [{"ruleType": "NatRule", **rule} for rule in rules],
    }


def found(*documents: Document, nic: Document | None = None, **more: Any) -> list[Lead]:
    machine = nic or a_nic()
    return list(leads(target_of(machine), around(*JOINED, an_address("pip"), machine, *documents, **more)))


def test_a_classic_rule_leads_from_the_public_port_to_the_machines() -> None:
    (lead,) = found(a_firewall(a_collection(a_rule())))

    assert (FIREWALL, PUBLIC, "") == (lead.entry.text, lead.address, lead.doubt)
    assert 2222 == lead.translation.front_of(22, "tcp")
    assert lead.translation.front_of(3389, "tcp") is None
    assert ANYBODY == lead.sources
    assert ("10.9.0.0/26",) == lead.seen_as
    assert ["public IP", "firewall"] == [hop.kind for hop in lead.through]
    assert "nat/ssh" == lead.through[-1].rule


def test_a_rule_to_another_machine_is_no_way() -> None:
    assert [] == found(a_firewall(a_collection(a_rule(translatedAddress="10.1.0.9"))))


def test_a_rule_at_an_address_that_is_not_the_firewalls_is_no_way() -> None:
    assert [] == found(a_firewall(a_collection(a_rule(destinationAddresses=["20.99.99.99"]))))


def test_a_rule_at_the_firewalls_private_address_brings_nobody_in_from_the_internet() -> None:
    assert [] == found(a_firewall(a_collection(a_rule(destinationAddresses=["10.9.0.4"]))))


def test_a_rule_may_take_an_address_of_the_firewall_that_was_not_read() -> None:
    firewall = a_firewall(a_collection(a_rule()))
    firewall["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"] = reference(
        f"{NET}/publicIPAddresses/elsewhere"
    )

    (lead,) = found(firewall)

    assert "public address elsewhere was not read" in lead.doubt
    assert "export" in lead.doubt


def test_only_named_sources_come_in() -> None:
    (lead,) = found(a_firewall(a_collection(a_rule(sourceAddresses=["20.1.2.0/24", "10.0.0.0/8"]))))

    assert (OFFICE, ()) == (lead.sources, lead.unsure)


def test_a_rule_for_private_sources_brings_nobody_in_from_the_internet() -> None:
    assert [] == found(a_firewall(a_collection(a_rule(sourceAddresses=["10.0.0.0/8"]))))


def test_an_ip_groups_addresses_are_sources() -> None:
    office = named(GROUP, {"ipAddresses": ["20.1.2.0/25", "20.1.2.128-20.1.2.255"]})
    rule = a_rule(sourceAddresses=[], sourceIpGroups=[GROUP])

    (lead,) = found(a_firewall(a_collection(rule)), office)

    assert (OFFICE, ()) == (lead.sources, lead.unsure)


def test_an_ip_group_that_was_not_read_may_hold_anybody() -> None:
    rule = a_rule(sourceAddresses=["20.1.2.0/24"], sourceIpGroups=[GROUP])

    (lead,) = found(a_firewall(a_collection(rule)))

    assert (OFFICE, subtract(ANYBODY, OFFICE)) == (lead.sources, lead.unsure)
    assert "IP group office was not read" in lead.why


def test_a_range_in_front_leads_to_the_one_port_behind() -> None:
    (lead,) = found(a_firewall(a_collection(a_rule(destinationPorts=["2220-2229"]))))

    assert "2220-2229" == lead.translation.front_of(22, "tcp")


@pytest.mark.parametrize(
    ("protocols", "spoken"), [(["Any"], {"tcp", "udp"}), (["UDP"], {"udp"}), (["ICMP"], set())]
)
def test_protocols_are_those_the_rule_names(protocols: list[str], spoken: set[str]) -> None:
    both = found(a_firewall(a_collection(a_rule(protocols=protocols))))

    assert spoken == {one for lead in both for one in lead.translation.protocols}


def test_a_name_may_stand_for_the_machine() -> None:
    rule = a_rule(translatedFqdn="box.contoso.example")
    del rule["translatedAddress"]

    (lead,) = found(a_firewall(a_collection(rule)))

    assert "box.contoso.example, which may be this machine" in lead.doubt


def test_a_translated_port_that_cannot_be_read_may_be_any() -> None:
    (lead,) = found(a_firewall(a_collection(a_rule(translatedPort="[parameters('port')]"))))

    assert "its translated port cannot be read" in lead.doubt
    assert 2222 == lead.translation.front_of(3389, "tcp")


def test_an_earlier_rule_takes_the_packet_first() -> None:
    earlier = a_collection(a_rule("other", translatedAddress="10.1.0.9"), priority=100, name="first")

    assert [] == found(a_firewall(a_collection(a_rule()), earlier))


def test_an_earlier_rule_for_some_leaves_the_others() -> None:
    for_office = a_rule("other", translatedAddress="10.1.0.9", sourceAddresses=["20.1.2.0/24"])

    (lead,) = found(a_firewall(a_collection(a_rule()), a_collection(for_office, priority=100, name="first")))

    assert subtract(ANYBODY, OFFICE) == lead.sources


def test_an_earlier_rule_on_another_port_takes_nothing() -> None:
    other = a_rule("other", translatedAddress="10.1.0.9", destinationPorts=["443"])

    (lead,) = found(a_firewall(a_collection(other, a_rule())))

    assert ANYBODY == lead.sources


def test_whom_an_explicit_deny_names_is_unsure_since_the_documents_disagree() -> None:
    deny = a_collection(a_network_rule(sourceAddresses=["20.1.2.0/24"]), action="Deny")

    (lead,) = found(a_firewall(a_collection(a_rule()), networkRuleCollections=[deny]))

    assert (subtract(ANYBODY, OFFICE), OFFICE) == (lead.sources, lead.unsure)
    assert "network rule no-ssh denies it" in lead.why


def test_a_deny_behind_an_allow_refuses_nobody() -> None:
    allow = a_collection(a_network_rule("let"), priority=100, name="allow", action="Allow")
    deny = a_collection(a_network_rule(), priority=200, name="deny", action="Deny")

    (lead,) = found(a_firewall(a_collection(a_rule()), networkRuleCollections=[deny, allow]))

    assert (ANYBODY, ()) == (lead.sources, lead.unsure)


def test_a_deny_on_another_port_refuses_nobody() -> None:
    deny = a_collection(a_network_rule(destinationPorts=["443"]), action="Deny")

    (lead,) = found(a_firewall(a_collection(a_rule()), networkRuleCollections=[deny]))

    assert ANYBODY == lead.sources


def with_policy(*groups: Document, policy: Document | None = None) -> tuple[Document, ...]:
    ids = [reference(group["id"]) for group in groups if group["id"].startswith(POLICY)]
    return (
        a_firewall(firewallPolicy=reference(POLICY)),
        policy or named(POLICY, {"ruleCollectionGroups": ids}),
        *groups,
    )


def test_a_policys_groups_hold_the_rules() -> None:
    (lead,) = found(*with_policy(a_group("in", nat(a_rule(ipProtocols=["TCP"])))))

    assert (2222, "") == (lead.translation.front_of(22, "tcp"), lead.doubt)


def test_a_policys_groups_are_asked_by_their_priority_before_their_collections() -> None:
    late = a_group("late", nat(a_rule(), priority=100), priority=500)
    soon = a_group("soon", nat(a_rule("other", translatedAddress="10.1.0.9"), priority=900), priority=200)

    assert [] == found(*with_policy(late, soon))


def test_classic_rules_do_not_hold_beside_a_policy() -> None:
    firewall = a_firewall(a_collection(a_rule()), firewallPolicy=reference(POLICY))

    assert [] == found(firewall, named(POLICY, {"ruleCollectionGroups": []}))


def test_without_its_policy_nobody_knows_what_a_firewall_translates() -> None:
    (lead,) = found(a_firewall(firewallPolicy=reference(POLICY)))

    assert "its policy policy was not read" in lead.doubt
    assert lead.address is None


def test_without_one_of_its_groups_nobody_knows_what_a_policy_translates() -> None:
    groups = [reference(f"{POLICY}/ruleCollectionGroups/in")]

    (lead,) = found(*with_policy(policy=named(POLICY, {"ruleCollectionGroups": groups})))

    assert "rule collection group in was not read" in lead.doubt


def test_a_nat_rule_of_a_base_policy_is_doubtful_since_the_documents_disagree() -> None:
    policy = named(POLICY, {"ruleCollectionGroups": [], "basePolicy": reference(BASE)})
    base = named(BASE, {"ruleCollectionGroups": [reference(f"{BASE}/ruleCollectionGroups/in")]})

    (lead,) = found(*with_policy(policy=policy), base, a_group("in", nat(a_rule()), policy=BASE))

    assert "base policy" in lead.doubt


def test_a_network_that_is_not_joined_gets_nothing() -> None:
    alone = (a_spoke(), a_hub(), an_address("pip"), a_nic(), a_firewall(a_collection(a_rule())))

    assert [] == list(leads(target_of(a_nic()), around(*alone)))


def across(**half: Any) -> list[Lead]:
    """What leads to a machine over a peering of which one half is made so."""
    documents = (a_spoke(a_peering(HUB, **half)), a_hub(a_peering(SPOKE)), an_address("pip"), a_nic())
    return list(leads(target_of(a_nic()), around(*documents, a_firewall(a_collection(a_rule())))))


def test_a_peering_that_is_not_connected_joins_nothing() -> None:
    assert [] == across(peeringState="Disconnected")


def test_where_access_is_off_it_is_disputed_whether_a_rule_lets_packets_through() -> None:
    (lead,) = across(allowVirtualNetworkAccess=False)

    assert lead.apart
    assert "allowVirtualNetworkAccess" in lead.doubt


def test_a_firewall_in_a_network_that_was_not_read_may_be_joined() -> None:
    documents = (a_spoke(a_peering(HUB)), an_address("pip"), a_nic(), a_firewall(a_collection(a_rule())))

    (lead,) = leads(target_of(a_nic()), around(*documents))

    assert "whether it is joined to hub is not known" in lead.doubt


def test_firewalls_that_were_not_listed_may_lead_here() -> None:
    (lead,) = found(unread=frozenset({AZURE_FIREWALL}))

    assert "microsoft.network/azurefirewalls was not listed" in lead.doubt


def a_hub_firewall(**properties: Any) -> Document:
    firewall = a_firewall(a_collection(a_rule()), virtualHub=reference(VIRTUAL_HUB), **properties)
    del firewall["properties"]["ipConfigurations"]
    return firewall


def a_connection(hub: str = VIRTUAL_HUB, to: str = SPOKE) -> Document:
    return named(f"{hub}/hubVirtualNetworkConnections/c", {"remoteVirtualNetwork": reference(to)})


AT_HUB = {"hubIPAddresses": {"publicIPs": {"addresses": [{"address": PUBLIC}]}}}
WAN = reference(f"{NET}/virtualWans/wan")


def test_the_firewall_of_a_virtual_hub_reaches_networks_connected_to_it() -> None:
    hub = named(VIRTUAL_HUB, {"addressPrefix": "10.99.0.0/23"})

    (lead,) = found(a_hub_firewall(**AT_HUB), hub, a_connection())

    assert (PUBLIC, "", ("10.99.0.0/23",)) == (lead.address, lead.doubt, lead.seen_as)


def test_the_firewall_of_a_virtual_hub_reaches_no_other_network() -> None:
    hub = named(VIRTUAL_HUB, {"addressPrefix": "10.99.0.0/23"})

    assert [] == found(a_hub_firewall(**AT_HUB), hub, a_connection(to=HUB))


def test_without_its_hub_nobody_knows_what_is_connected_to_it() -> None:
    (lead,) = found(a_hub_firewall(**AT_HUB), a_connection(to=HUB))

    assert "whether it is connected to hub vhub is not known" in lead.doubt


def test_a_hub_that_was_not_read_sends_from_nobody_knows_where() -> None:
    (lead,) = found(a_hub_firewall(**AT_HUB), a_connection())

    assert "from which addresses hub vhub sends is not known" in lead.doubt
    assert ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16") == lead.seen_as


def test_the_firewall_of_another_hub_of_the_same_wan_may_reach_it() -> None:
    other = f"{NET}/virtualHubs/other"
    hubs = (named(one, {"virtualWan": WAN, "addressPrefix": "10.99.0.0/23"}) for one in (VIRTUAL_HUB, other))

    (lead,) = found(a_hub_firewall(**AT_HUB), *hubs, a_connection(other))

    assert "whether hub vhub leads there is not known" in lead.doubt


def test_a_hub_firewall_without_its_addresses_may_take_any() -> None:
    (lead,) = found(a_hub_firewall(), named(VIRTUAL_HUB, {"addressPrefix": "10.99.0.0/23"}), a_connection())

    assert "came without its public addresses" in lead.doubt


BALANCER = f"{NET}/loadBalancers/inner"


def a_balancer(front: int = 22, back: int = 22) -> Document:
    frontend, pool = f"{BALANCER}/frontendIPConfigurations/f", f"{BALANCER}/backendAddressPools/p"
    member = reference(f"{NET}/networkInterfaces/vm/ipConfigurations/c")
    forward = {
        "frontendIPConfiguration": reference(frontend),
        "backendAddressPool": reference(pool),
        "protocol": "Tcp",
        "frontendPort": front,
        "backendPort": back,
    }
    return named(
        BALANCER,
        {
            "frontendIPConfigurations": [
                named(frontend, {"privateIPAddress": "10.1.0.100", "subnet": reference(APPS)})
            ],
            "backendAddressPools": [named(pool, {"backendIPConfigurations": [member]})],
            "loadBalancingRules": [{"name": "r", "properties": forward}],
        },
    )


def test_an_internal_balancers_front_leads_to_the_members_of_its_pool() -> None:
    to_balancer = a_firewall(a_collection(a_rule(translatedAddress="10.1.0.100", translatedPort="8022")))

    (lead,) = found(to_balancer, a_balancer(8022, 22))

    assert 2222 == lead.translation.front_of(22, "tcp")
    assert "load balancer" == lead.through[-1].kind


def test_an_internal_balancers_front_on_another_port_leads_nowhere() -> None:
    to_balancer = a_firewall(a_collection(a_rule(translatedAddress="10.1.0.100", translatedPort="22")))

    assert [] == found(to_balancer, a_balancer(8022, 22))


def test_a_machine_of_unknown_address_may_be_the_one_in_its_subnet_that_a_rule_leads_to() -> None:
    (lead,) = found(a_firewall(a_collection(a_rule())), nic=a_nic(address=None))

    assert "the address of vm is not known" in lead.doubt


def test_a_machine_of_unknown_address_does_not_have_one_that_another_holds() -> None:
    assert [] == found(a_firewall(a_collection(a_rule())), a_nic("other"), nic=a_nic(address=None))


def test_a_machine_of_unknown_address_does_not_have_one_of_another_subnet() -> None:
    elsewhere = a_rule(translatedAddress="10.1.7.4")

    assert [] == found(a_firewall(a_collection(elsewhere)), nic=a_nic(address=None))


def test_a_mere_reference_to_a_firewall_stays_in_doubt_where_it_may_be_joined() -> None:
    (lead,) = found({"id": FIREWALL, "name": "fw"})

    assert ["firewall fw came without its properties"] == [text.partition(";")[0] for text in doubts([lead])]


def test_a_network_of_its_own_needs_no_peering() -> None:
    subnet = f"{SPOKE}/subnets/AzureFirewallSubnet"
    network = a_network(SPOKE, a_subnet(APPS, "10.1.0.0/24"), a_subnet(subnet, "10.1.9.0/26"))
    firewall = a_firewall(a_collection(a_rule()))
    firewall["properties"]["ipConfigurations"][0]["properties"]["subnet"] = reference(subnet)

    (lead,) = leads(target_of(a_nic()), around(network, an_address("pip"), a_nic(), firewall))

    assert (("10.1.9.0/26",), "") == (lead.seen_as, lead.doubt)
