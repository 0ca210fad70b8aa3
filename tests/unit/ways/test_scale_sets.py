"""Models of scale sets: what every instance gets, for as long as no instance was read."""

from typing import Any

from remediation.model import Resource
from remediation.ways.entries.scale_sets import leads, model_targets, unseen_models
from remediation.ways.lead import Target
from tests.unit.ways.estate_of_entries import (
    APPS,
    COMPUTE,
    NET,
    Document,
    a_nic,
    a_spoke,
    around,
    named,
    reference,
    target_of,
)

SCALE_SET = f"{COMPUTE}/virtualMachineScaleSets/web"
GROUP = f"{NET}/networkSecurityGroups/web"
GIVEN: dict[str, Any] = {"publicIPAddressConfiguration": {"name": "pub", "properties": {}}}


def a_scale_set(**configuration: Any) -> Resource:
    interface = {
        "name": "nic",
        "properties": {
            "networkSecurityGroup": reference(GROUP),
            "ipConfigurations": [{"name": "c", "properties": {"subnet": reference(APPS), **configuration}}],
        },
    }
    profile = {"networkProfile": {"networkInterfaceConfigurations": [interface]}}
    return Resource.of(named(SCALE_SET, {"virtualMachineProfile": profile}))


def the_target(scale_set: Resource) -> Target:
    (target,) = model_targets(scale_set)
    return target


def test_a_models_target_has_its_subnet_and_group_and_no_address() -> None:
    target = the_target(a_scale_set())

    assert (SCALE_SET, None, None, APPS) == (
        target.machine.text,
        target.nic,
        target.address,
        str(target.subnet),
    )
    assert GROUP == str(target.group)
    assert target.id.text.endswith("/networkInterfaces/nic/ipConfigurations/c")


def test_a_model_may_give_every_instance_a_public_address() -> None:
    (lead,) = leads(the_target(a_scale_set(**GIVEN)), around())

    assert ("scale-set-ip", SCALE_SET, None, "") == (lead.kind, lead.entry.text, lead.address, lead.sku)


def test_the_sku_of_such_an_address_is_what_the_model_names() -> None:
    public = {"publicIPAddressConfiguration": {"name": "pub", "sku": {"name": "StandardV2"}}}

    (lead,) = leads(the_target(a_scale_set(**public)), around())

    assert "standard" == lead.sku


def test_an_address_of_the_other_family_leads_nowhere() -> None:
    public = {"publicIPAddressConfiguration": {"name": "p", "properties": {"publicIPAddressVersion": "IPv6"}}}

    assert [] == list(leads(the_target(a_scale_set(**public)), around()))


def test_a_model_without_it_gives_no_public_addresses() -> None:
    assert [] == list(leads(the_target(a_scale_set()), around()))


def test_a_machine_that_is_no_model_is_none_of_this() -> None:
    assert [] == list(leads(target_of(a_nic()), around()))


def an_instances_nic() -> Document:
    identity = f"{SCALE_SET}/virtualMachines/0/networkInterfaces/nic"
    return named(identity, {"ipConfigurations": [{"name": "c", "properties": {"subnet": reference(APPS)}}]})


def test_a_model_is_asked_only_where_no_instance_was_read() -> None:
    model = a_scale_set(**GIVEN)
    flexible = a_nic()
    flexible["properties"]["virtualMachine"] = reference(f"{SCALE_SET}/virtualMachines/web_1")

    assert [the_target(model)] == list(unseen_models([model], around(a_spoke())))
    assert [] == list(unseen_models([model], around(a_spoke(), an_instances_nic())))
    assert [] == list(unseen_models([model], around(a_spoke(), flexible)))


def test_a_model_that_leaves_interfaces_to_its_machines_is_no_target() -> None:
    assert [] == list(model_targets(Resource.of(named(SCALE_SET, {"orchestrationMode": "Flexible"}))))
