"""What the cloud in memory offers beyond the contract: seeding, remembering, and answers that are copies."""

from remediation.adapters.memory.storage import MemoryCloud
from remediation.model import Listing, Resource, Write
from remediation.ports import Operation
from remediation.resource_id import ResourceId

GROUP = "/subscriptions/s/resourceGroups/rg"
VNET = ResourceId.parse(f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub")
SUBNET = VNET.child("subnets", "AzureBastionSubnet")
WEB = ResourceId.parse(f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/web")


def the(cloud: MemoryCloud, resource: ResourceId) -> Resource:
    found = cloud.get(resource)
    assert found is not None
    return found


def test_what_was_asked_and_written_is_remembered_in_order() -> None:
    cloud = MemoryCloud({"id": WEB.text})
    write = Write("PUT", WEB, {"properties": {}})
    listing = Listing("microsoft.network/networksecuritygroups", GROUP)

    cloud.get(WEB)
    cloud.list(listing)
    cloud.write(write)

    assert cloud.reads == [WEB, listing]
    assert cloud.writes == [write]


def test_a_child_given_by_itself_shows_in_its_parent_too() -> None:
    subnet = {"id": SUBNET.text, "name": "AzureBastionSubnet", "properties": {"addressPrefix": "10.0.0.0/26"}}
    for order in ((subnet, {"id": VNET.text}), ({"id": VNET.text}, subnet)):
        cloud = MemoryCloud(*order)

        assert the(cloud, VNET).properties("subnets") == [subnet]
        assert the(cloud, SUBNET).body == subnet
        assert len(cloud.list(Listing(SUBNET.type, GROUP))) == 1


def test_a_child_that_its_parent_shows_already_is_not_shown_twice() -> None:
    inline = {"name": "AzureBastionSubnet", "properties": {"addressPrefix": "10.0.0.0/26"}}
    cloud = MemoryCloud({"id": VNET.text, "properties": {"subnets": [inline]}}, {"id": SUBNET.text})

    assert len(the(cloud, VNET).properties("subnets")) == 1
    assert the(cloud, SUBNET).properties("addressPrefix") == "10.0.0.0/26"


def test_a_child_whose_parent_was_not_given_stands_by_itself() -> None:
    cloud = MemoryCloud(Resource.of({"id": SUBNET.text, "properties": {}}))

    assert the(cloud, SUBNET).id == SUBNET
    assert [found.id for found in cloud.list(Listing(SUBNET.type, VNET.text))] == [SUBNET]
    assert cloud.get(VNET) is None


def test_a_document_stays_as_it_was_given_until_it_is_written() -> None:
    body = {
        "id": WEB.text,
        "etag": 'W/"a"',
        "properties": {"securityRules": [{"name": "r", "etag": 'W/"b"'}]},
    }
    cloud = MemoryCloud(body)

    assert cloud.resources[WEB].body == body


def test_what_is_removed_or_deleted_takes_what_stands_on_it_along() -> None:
    setting = WEB.extension("Microsoft.Insights/diagnosticSettings", "x")
    documents = ({"id": WEB.text}, {"id": setting.text}, {"id": f"{WEB}2"})
    removed, deleted = MemoryCloud(*documents), MemoryCloud(*documents)

    removed.remove(WEB)
    deleted.write(Write("DELETE", WEB))

    for cloud in (removed, deleted):
        assert [resource.text for resource in cloud.resources] == [f"{WEB}2"]
    assert removed.writes == []


def test_every_write_ends_at_once_unless_it_is_said_otherwise() -> None:
    slow = MemoryCloud({"id": WEB.text}, polls={WEB.type: 1})

    assert MemoryCloud().write(Write("PUT", WEB, {})) == Operation()
    operation = slow.write(Write("PUT", WEB, {}))
    assert operation.url is not None
    assert [slow.poll(operation.url).state for _ in range(2)] == ["running", "succeeded"]
    assert slow.write(Write("PUT", VNET, {})) == Operation()
