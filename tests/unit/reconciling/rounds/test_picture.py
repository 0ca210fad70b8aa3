"""A picture reads each thing once, and lists where many of a type are wanted."""

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import ForbiddenError
from remediation.kinds import EFFECTIVE_ADMIN_RULE, HUB_CONNECTION, NSG, VIRTUAL_HUB
from remediation.model import Listing
from remediation.reconciling.rounds.picture import FEW, Picture
from remediation.resource_id import ResourceId
from tests.builders import AT, SUBNET_ID, VNET_ID, WEB, a_spoke, a_subnet, a_vnet, an_nsg
from tests.faults import Interrupted, always

GROUPS = [ResourceId.parse(f"{WEB}/networkSecurityGroups/n{number}") for number in range(10)]


def an_estate() -> MemoryCloud:
    return MemoryCloud(*(an_nsg(identity=group) for group in GROUPS), *a_spoke())


def test_few_documents_are_read_singly_and_many_as_their_list() -> None:
    cloud = an_estate()
    picture = Picture(cloud)

    for group in GROUPS:
        assert picture.get(group) is not None

    assert [*GROUPS[:FEW], Listing(NSG, AT)] == cloud.reads


def test_nothing_is_read_twice() -> None:
    cloud = an_estate()
    picture = Picture(cloud)

    for _ in range(2):
        picture.get(GROUPS[0])
        picture.list(Listing(NSG, AT))

    assert [GROUPS[0], Listing(NSG, AT)] == cloud.reads


def test_a_child_comes_out_of_its_parent() -> None:
    cloud = MemoryCloud(a_vnet(a_subnet()))

    found = Picture(cloud).get(SUBNET_ID)

    assert found is not None
    assert [VNET_ID] == cloud.reads


def test_where_the_list_is_refused_each_document_is_read() -> None:
    cloud = an_estate()
    picture = Picture(Interrupted(cloud, before_list=always(ForbiddenError("no"))), few=0)

    assert picture.get(GROUPS[0]) is not None
    for _ in range(2):
        with pytest.raises(ForbiddenError):
            picture.list(Listing(NSG, AT))


def test_without_a_parent_there_is_no_list_of_children_to_ask_for() -> None:
    cloud = an_estate()

    assert [] == list(Picture(cloud).list(Listing(HUB_CONNECTION, AT)))
    assert [Listing(VIRTUAL_HUB, AT)] == cloud.reads


def test_admin_rules_that_are_remembered_are_not_asked_for() -> None:
    cloud = an_estate()

    assert [] == list(Picture(cloud, lambda _: ()).list(Listing(EFFECTIVE_ADMIN_RULE, VNET_ID.text)))
    assert [] == cloud.reads
