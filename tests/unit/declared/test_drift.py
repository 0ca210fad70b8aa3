"""What a difference does to who reaches which machine, and how bad that is."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from remediation.baseline import Action, Baseline, Exemption
from remediation.declared.drift import Drift, drift
from remediation.errors import InputError
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.model import Disposition, Finding, Severity
from tests.builders import (
    AT,
    BASTION_ID,
    FOREIGN,
    HUB,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
    WEB,
    WORKSPACE,
    Document,
    a_nic,
    a_public_ip,
    a_rule,
    a_setting,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.unit.declared.declaring import declared, properties
from tests.unit.scan.scanned import an_estate

NOW = datetime(2026, 11, 29, tzinfo=UTC)
STANDARD = Baseline(default_environment="production", central_workspace_id=WORKSPACE)
CLOSED = an_estate(ssh_from="10.0.0.0/8")

type Change = Callable[[dict[str, Document]], None]


def drifted(
    change: Change | None,
    told: list[Document] = CLOSED,
    baseline: Baseline = STANDARD,
    **options: tuple[str, ...],
) -> Drift:
    """What differs in an estate that was deployed as declared, and that somebody then changed."""
    there = {str(document["id"]): copy.deepcopy(document) for document in told}
    if change is not None:
        change(there)
    files = [EstateFile("estate.json", list(there.values()))]
    return drift(declared(*copy.deepcopy(told)), Estate(files), files, baseline, NOW, **options)


def the_finding(change: Change, told: list[Document] = CLOSED, baseline: Baseline = STANDARD) -> Finding:
    (found,) = drifted(change, told, baseline).findings
    return found


def effects(finding: Finding) -> dict[str, str]:
    return {one["path"]: one["effect"] for one in finding.evidence["differences"]}


def rule(there: dict[str, Document], name: str = "allow-ssh") -> Document:
    every = there[NSG_ID.text]["properties"]["securityRules"]
    found: Document = next(one for one in every if one["name"] == name)["properties"]
    return found


def setting(name: str, value: object) -> Change:
    def change(there: dict[str, Document]) -> None:
        rule(there)[name] = value

    return change


def replaced(*documents: Document) -> Change:
    def change(there: dict[str, Document]) -> None:
        there |= {str(document["id"]): document for document in documents}

    return change


def gone(identity: object) -> Change:
    def change(there: dict[str, Document]) -> None:
        del there[str(identity)]

    return change


def test_an_estate_that_is_as_declared_has_no_finding() -> None:
    found = drifted(None)
    assert (found.findings, found.unknowns, found.compared) == ((), (), 6)


def test_a_management_port_opened_to_the_internet_is_critical_where_somebody_arrives() -> None:
    found = the_finding(setting("sourceAddressPrefix", "*"))
    assert (found.rule, found.resource, found.severity) == ("declared-drift", NSG_ID, Severity.CRITICAL)
    assert effects(found) == {"securityRules/allow-ssh/sourceAddressPrefix": "opens"}
    assert "this change lets the whole internet reach vm1 on 22 through vm1-ip" in found.evidence["effects"]
    assert found.evidence["declaredBy"] == "main.snapshot.json"
    assert found.witness is not None
    assert found.witness.port == 22
    assert found.disposition is Disposition.ALERT


def test_a_management_port_that_nobody_arrives_at_is_as_bad_as_the_exposure_rule_has_it() -> None:
    told = [document for document in CLOSED if document["id"] not in {NIC_ID.text, PIP_ID.text}]
    told.append(a_nic())
    assert the_finding(setting("sourceAddressPrefix", "*"), told).severity is Severity.MEDIUM


def test_another_port_opened_to_the_internet_is_high() -> None:
    told = [an_nsg(a_rule("allow-web", sourceAddressPrefix="10.0.0.0/8")), *CLOSED[1:]]
    found = the_finding(replaced(an_nsg(a_rule("allow-web"))), told)
    assert (found.severity, effects(found)) == (
        Severity.HIGH,
        {"securityRules/allow-web/sourceAddressPrefix": "opens"},
    )


def test_more_private_sources_are_medium() -> None:
    found = the_finding(setting("sourceAddressPrefix", "172.16.0.0/12"))
    assert (found.severity, set(effects(found).values())) == (Severity.MEDIUM, {"opens"})


def test_fewer_sources_close() -> None:
    found = the_finding(setting("sourceAddressPrefix", "10.1.0.0/16"))
    assert (found.severity, set(effects(found).values())) == (Severity.MEDIUM, {"closes"})
    assert any(line.startswith("no longer allowed: TCP 22") for line in found.evidence["effects"])


def test_a_description_does_nothing() -> None:
    told = [an_nsg(a_rule("allow-ssh", description="of old")), *CLOSED[1:]]
    found = the_finding(setting("description", "of mine"), told)
    assert (found.severity, effects(found)) == (
        Severity.LOW,
        {"securityRules/allow-ssh/description": "none"},
    )


def test_a_rule_below_one_that_decides_already_does_nothing() -> None:
    def change(there: dict[str, Document]) -> None:
        there[NSG_ID.text]["properties"]["securityRules"].append(a_rule("twice", 310))

    told = [an_nsg(a_rule()), *CLOSED[1:]]
    found = the_finding(change, told)
    assert effects(found) == {"securityRules/twice": "none"}
    assert found.severity is Severity.LOW


def test_two_differences_are_told_apart() -> None:
    def change(there: dict[str, Document]) -> None:
        rule(there)["sourceAddressPrefix"] = "*"
        there[NSG_ID.text]["properties"]["securityRules"].append(a_rule("deny-web", 400, access="Deny"))

    assert effects(the_finding(change)) == {
        "securityRules/allow-ssh/sourceAddressPrefix": "opens",
        "securityRules/deny-web": "closes",
    }


def test_two_rules_that_each_open_the_same_are_both_told_as_opening_it() -> None:
    def change(there: dict[str, Document]) -> None:
        there[NSG_ID.text]["properties"]["securityRules"] += [
            a_rule("one", 310, destinationPortRange="8080"),
            a_rule("two", 320, destinationPortRange="8080"),
        ]

    assert set(effects(the_finding(change)).values()) == {"opens"}


def test_a_deny_that_is_deleted_and_an_allow_that_is_moved_open_together() -> None:
    deny = a_rule("deny-ssh", 200, access="Deny", destinationPortRange="22")
    told = [an_nsg(deny, a_rule("allow-ssh", 300, destinationPortRange="22")), *CLOSED[1:]]
    found = the_finding(replaced(an_nsg(a_rule("allow-ssh", 300, destinationPortRange="22"))), told)
    assert effects(found) == {"securityRules/deny-ssh": "opens"}
    assert found.severity is Severity.CRITICAL


def test_an_address_that_was_put_on_an_interface_opens() -> None:
    told = [an_nsg(allow_ssh_from="*"), a_vnet(a_subnet()), a_nic(), a_public_ip(), *CLOSED[4:]]
    found = the_finding(replaced(a_nic(public_ip=PIP_ID)), told)
    assert found.resource == NIC_ID
    assert effects(found) == {"ipConfigurations/ipconfig1/publicIPAddress": "opens"}
    assert found.severity is Severity.CRITICAL


def test_an_address_that_was_taken_off_an_interface_closes() -> None:
    told = an_estate(ssh_from="*")
    found = the_finding(replaced(a_nic(), a_public_ip()), told)
    assert (found.severity, set(effects(found).values())) == (Severity.MEDIUM, {"closes"})


def test_a_subnet_without_its_group_opens_what_the_group_stopped() -> None:
    """A Basic address without any group is open; the group was what stopped the way."""
    basic = {**a_public_ip(attached_to=f"{NIC_ID}/ipConfigurations/ipconfig1"), "sku": {"name": "Basic"}}
    told = [*(one for one in CLOSED if one["id"] != PIP_ID.text), basic]
    told[0] = an_nsg()
    bare = an_nsg(subnets=())
    found = the_finding(replaced(a_vnet(a_subnet(nsg=None)), bare), told)
    assert found.resource == SUBNET_ID
    assert effects(found) == {"networkSecurityGroup": "opens"}
    assert found.severity is Severity.CRITICAL


def test_a_nat_rule_that_nobody_declared_opens() -> None:
    balancer = f"{WEB}/loadBalancers/lb"
    front = f"{balancer}/frontendIPConfigurations/front"
    config = f"{NIC_ID}/ipConfigurations/ipconfig1"
    nat = {
        "name": "ssh",
        "id": f"{balancer}/inboundNatRules/ssh",
        "properties": {
            "frontendIPConfiguration": {"id": front}, "backendIPConfiguration": {"id": config},
            "protocol": "Tcp", "frontendPort": 50022, "backendPort": 22,
        },
    }  # fmt: skip
    address = a_public_ip(attached_to=front)

    def lb(*rules: Document) -> Document:
        fronts = [{"name": "front", "id": front, "properties": {"publicIPAddress": {"id": PIP_ID.text}}}]
        members = {
            "frontendIPConfigurations": fronts,
            "backendAddressPools": [],
            "inboundNatRules": list(rules),
        }
        return {"id": balancer, "name": "lb", "sku": {"name": "Standard"}, "properties": members}

    nic = a_nic()
    nic["properties"]["ipConfigurations"][0]["properties"]["loadBalancerInboundNatRules"] = [
        {"id": nat["id"]}
    ]
    told = [an_nsg(allow_ssh_from="*"), a_vnet(a_subnet()), a_nic(), address, lb(), *CLOSED[4:]]
    found = the_finding(replaced(lb(nat), nic), told)
    assert effects(found) == {"inboundNatRules/ssh": "opens"}
    assert found.severity is Severity.CRITICAL


def test_a_hosts_log_that_is_gone_is_high() -> None:
    found = the_finding(gone(a_setting()["id"]))
    assert (found.severity, effects(found)) == (Severity.HIGH, {"": "none"})
    assert "is gone, which main.snapshot.json declares" in found.message
    assert any("log" in line for line in found.evidence["effects"])


def test_a_hosts_log_that_is_switched_off_or_goes_elsewhere_is_high() -> None:
    off = a_setting(logs=[{"categoryGroup": "allLogs", "enabled": False}])
    mine = a_setting(workspace=f"{AT}/resourceGroups/mine/providers/x/workspaces/mine")
    assert the_finding(replaced(off)).severity is Severity.HIGH
    assert the_finding(replaced(mine)).severity is Severity.HIGH


def test_the_log_of_anything_else_is_low() -> None:
    told = [*CLOSED, a_setting(on=NSG_ID)]
    assert the_finding(gone(a_setting(on=NSG_ID)["id"]), told).severity is Severity.LOW


def test_a_host_that_is_gone_is_high() -> None:
    found = the_finding(gone(BASTION_ID), [one for one in CLOSED if "diagnosticSettings" not in one["id"]])
    assert (found.resource, found.severity) == (BASTION_ID, Severity.HIGH)


def test_closing_the_flows_that_bastion_needs_locks_people_out() -> None:
    def bastion_group(access: str) -> Document:
        identity = NSG_ID.parse(f"{HUB}/networkSecurityGroups/bastion")
        subnet = SUBNET_ID.parse(f"{HUB}/virtualNetworks/hub/subnets/AzureBastionSubnet")
        flows = [
            a_rule("https", 120, destinationPortRange="443", sourceAddressPrefix="Internet", access=access),
            a_rule("manager", 130, destinationPortRange="443", sourceAddressPrefix="GatewayManager"),
            a_rule("balancer", 140, destinationPortRange="443", sourceAddressPrefix="AzureLoadBalancer"),
            a_rule(
                "data", 150, destinationPortRange=None, destinationPortRanges=["8080", "5701"], protocol="*",
                sourceAddressPrefix="VirtualNetwork", destinationAddressPrefix="VirtualNetwork",
            ),
            a_rule("deny", 4000, destinationPortRange="*", protocol="*", access="Deny"),
        ]  # fmt: skip
        return an_nsg(*flows, identity=identity, subnets=(subnet,))

    hub = NSG_ID.parse(f"{HUB}/virtualNetworks/hub")
    group = NSG_ID.parse(f"{HUB}/networkSecurityGroups/bastion")
    subnet = a_subnet(hub.child("subnets", "AzureBastionSubnet"), nsg=group, nics=())
    subnet["properties"]["addressPrefix"] = "10.9.0.0/26"
    told = [*CLOSED, bastion_group("Allow"), a_vnet(subnet, identity=hub)]
    found = the_finding(replaced(bastion_group("Deny")), told)
    assert found.severity is Severity.HIGH
    assert effects(found) == {"securityRules/https/access": "closes"}
    assert any("administrators" in line for line in found.evidence["effects"])


def test_what_is_not_in_the_estate_is_unknown_where_it_may_be_elsewhere() -> None:
    """An input that lists one type says nothing of the others."""
    files = [EstateFile("nsgs.json", [an_nsg()])]
    told = declared(an_nsg(), *CLOSED[1:])
    found = drift(told, Estate(files), files, STANDARD, NOW)
    assert found.compared == 1
    assert {one.resource.name for one in found.unknowns} == {
        "web",
        "vm1-nic",
        "vm1-ip",
        "bas-hub",
        a_setting()["name"],
    }
    assert all("alone" in one.reason for one in found.unknowns)


def test_a_declaration_of_another_subscription_alone_is_refused() -> None:
    files = [EstateFile("estate.json", CLOSED)]
    foreign = {**an_nsg(), "id": NSG_ID.text.replace(AT, f"/subscriptions/{FOREIGN}")}
    with pytest.raises(
        InputError, match=f"declares resources of subscription {FOREIGN}, and the estate holds"
    ):
        drift(declared(foreign), Estate(files), files, STANDARD, NOW)
    both = drift(declared(foreign, an_nsg(allow_ssh_from="10.0.0.0/8")), Estate(files), files, STANDARD, NOW)
    assert [one.reason for one in both.unknowns] == ["its subscription is not in the estate"]


def test_what_was_not_compared_is_said_once() -> None:
    machine = {"id": f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm1"}
    files = [EstateFile("estate.json", CLOSED)]
    found = drift(declared(an_nsg(), machine, {"id": "[later]"}), Estate(files), files, STANDARD, NOW)
    assert found.notes == (
        "declared and not compared: 1 compute/virtualmachines",
        "declared under an id that is not known before the deployment, and not compared: [later]",
    )


def test_a_rule_that_is_off_says_nothing_and_an_exemption_leaves_the_finding_alone() -> None:
    off = Baseline(rules={"declared-drift": Action.OFF})
    assert drifted(setting("sourceAddressPrefix", "*"), baseline=off).findings == ()
    until = datetime(2026, 12, 31, tzinfo=UTC)
    exempt = Baseline(exemptions=(Exemption(NSG_ID.text, "declared-drift", until),))
    assert the_finding(setting("sourceAddressPrefix", "*"), baseline=exempt).exempt_until == until


def test_tags_are_told_where_somebody_asks_and_do_nothing() -> None:
    def change(there: dict[str, Document]) -> None:
        there[NSG_ID.text]["tags"] = {"owner": "bank"}

    told = [{**CLOSED[0], "tags": {"owner": "shop"}}, *CLOSED[1:]]
    assert drifted(change, told).findings == ()
    (found,) = drifted(change, told, ignore=()).findings
    assert (found.severity, effects(found)) == (Severity.LOW, {"tags/owner": "none"})


def test_a_resource_that_cannot_be_read_is_unknown() -> None:
    files = [EstateFile("estate.json", [{**an_nsg(), "properties": "odd"}, *CLOSED[1:]])]
    found = drift(declared(an_nsg()), Estate(files), files, STANDARD, NOW)
    assert [one.resource for one in found.unknowns] == [NSG_ID]
    assert found.findings == ()


def test_more_resources_than_are_put_back_one_by_one_get_one_answer_together() -> None:
    def group(number: int, source: str) -> Document:
        identity = NSG_ID.parse(f"{WEB}/networkSecurityGroups/n{number}")
        return an_nsg(a_rule(sourceAddressPrefix=source), identity=identity, subnets=())

    told = [group(number, "10.0.0.0/8") for number in range(45)]
    live = replaced(*(group(number, "*") for number in range(45)))
    found = drifted(live, told).findings
    assert len(found) == 45
    assert {one.severity for one in found} == {Severity.HIGH}


def test_scale_units_of_a_host_do_nothing() -> None:
    told = [one if one["id"] != BASTION_ID.text else properties(one, scaleUnits=4) for one in CLOSED]
    found = the_finding(replaced(*CLOSED), told)
    assert (found.severity, effects(found)) == (Severity.LOW, {"scaleUnits": "none"})


def test_children_of_a_group_that_was_not_exported_leave_it_unknown() -> None:
    """What `az network nsg rule list` prints is no group that is gone."""
    files = [EstateFile("rules.json", [a_rule("allow-ssh")]), EstateFile("rest.json", CLOSED[1:])]
    found = drift(declared(*CLOSED), Estate(files), files, STANDARD, NOW)
    assert [(one.resource, one.reason) for one in found.unknowns] == [
        (NSG_ID, "only children of it are in the input and not the resource itself")
    ]
    assert found.findings == ()


def test_a_group_taken_off_a_subnet_opens_whatever_the_ways_in_do() -> None:
    """From the internet nobody comes in without a group before a Standard address; from inside all do."""
    found = the_finding(replaced(a_vnet(a_subnet(nsg=None)), an_nsg(allow_ssh_from="10.0.0.0/8", subnets=())))
    assert (found.severity, effects(found)) == (Severity.MEDIUM, {"networkSecurityGroup": "opens"})


def test_another_group_on_an_interface_is_told_by_the_difference_of_both() -> None:
    other = NSG_ID.parse(f"{WEB}/networkSecurityGroups/other")
    missing = NSG_ID.parse(f"{WEB}/networkSecurityGroups/elsewhere")
    told = [*CLOSED[:2], a_nic(nsg=NSG_ID), a_public_ip(), *CLOSED[4:], an_nsg(identity=other, subnets=())]
    found = the_finding(replaced(a_nic(nsg=other)), told)
    assert effects(found) == {"networkSecurityGroup": "closes"}
    assert effects(the_finding(replaced(a_nic(nsg=missing)), told)) == {"networkSecurityGroup": "unknown"}


def test_what_two_resources_only_do_together_is_told_of_both() -> None:
    """Either of the two groups keeps the internet out by itself: putting one back alone changes no way."""
    own = NSG_ID.parse(f"{WEB}/networkSecurityGroups/own")
    open_one = an_nsg(allow_ssh_from="*", identity=own, subnets=())
    told = [an_nsg(allow_ssh_from="*"), *CLOSED[1:2], a_nic(public_ip=PIP_ID, nsg=own), *CLOSED[3:], open_one]
    closed = an_nsg(), an_nsg(identity=own, subnets=())
    found = drifted(replaced(*closed), told).findings
    lines = {one.resource.name: one.evidence["effects"] for one in found}
    assert set(lines) == {"web", "own"}
    kept_out = "this change keeps the whole internet from reaching vm1 on 22 through vm1-ip"
    assert all(kept_out in each for each in lines.values())


def test_two_resources_near_a_machine_answer_each_for_itself() -> None:
    """The group on the interface only got a description; what opens is the rule of the other one."""
    own = NSG_ID.parse(f"{WEB}/networkSecurityGroups/own")

    def second(priority: int) -> Document:
        ssh = a_rule("ssh", priority, destinationPortRange="22")
        return an_nsg(ssh, identity=own, subnets=())

    told = [*CLOSED[:2], a_nic(public_ip=PIP_ID, nsg=own), *CLOSED[3:], second(300)]
    found = drifted(replaced(an_nsg(allow_ssh_from="*"), second(310)), told).findings
    assert {one.resource.name: one.severity for one in found} == {
        "web": Severity.CRITICAL,
        "own": Severity.LOW,
    }


def test_a_rule_that_is_named_as_a_harmless_property_is_a_rule() -> None:
    def change(there: dict[str, Document]) -> None:
        ssh = a_rule("description", 200, destinationPortRange="22")
        there[NSG_ID.text]["properties"]["securityRules"].append(ssh)

    found = the_finding(change)
    assert effects(found) == {"securityRules/description": "opens"}
    assert "this change lets the whole internet reach vm1 on 22 through vm1-ip" in found.evidence["effects"]


@pytest.mark.parametrize(
    ("source", "severity"),
    [("Internet", Severity.HIGH), ("AzureCloud", Severity.MEDIUM), ("8.8.8.8", Severity.HIGH)],
)
def test_another_port_opened_to_a_tag_is_as_bad_as_what_the_tag_holds(
    source: str, severity: Severity
) -> None:
    told = [an_nsg(a_rule("allow-web", sourceAddressPrefix="10.0.0.0/8")), *CLOSED[1:]]
    found = the_finding(replaced(an_nsg(a_rule("allow-web", sourceAddressPrefix=source))), told)
    assert (found.severity, set(effects(found).values())) == (severity, {"opens"})


def test_a_management_port_opened_to_an_office_is_as_bad_as_the_exposure_rule_has_it() -> None:
    found = the_finding(setting("sourceAddressPrefix", "203.0.113.7"))
    assert found.severity is Severity.MEDIUM
    approving = Baseline(allowed_management_sources=("45.60.12.0/24",))
    assert (
        the_finding(setting("sourceAddressPrefix", "45.60.12.7"), baseline=approving).severity
        is Severity.MEDIUM
    )
