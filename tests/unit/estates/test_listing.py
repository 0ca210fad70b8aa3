"""Lists as ARM would give them, answered from files: of one parent, of a group, of a whole subscription."""

import pytest

from remediation.errors import PermanentError
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.kinds import NSG, SECURITY_RULE, SUBNET
from remediation.model import Listing
from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    NSG_ID,
    SUBNET_ID,
    VNET_ID,
    Document,
    a_rule,
    a_subnet,
    a_vnet,
    an_nsg,
)

WEB_GROUP, OTHER_GROUP = f"{AT}/resourceGroups/rg-web", f"{AT}/resourceGroups/rg-other"
OTHER = ResourceId.parse(NSG_ID.text.replace("rg-web", "rg-other"))


def estate(*documents: Document) -> Estate:
    return Estate([EstateFile("estate.json", documents)])


def names(found: object) -> list[str]:
    return [resource.id.name for resource in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (NSG_ID.text, ["allow-ssh", "allow-web"]),
        (WEB_GROUP, ["allow-ssh", "allow-web"]),
        (OTHER_GROUP, ["allow-dns"]),
        (AT, ["allow-dns", "allow-ssh", "allow-web"]),
    ],
)
def test_children_that_stand_in_their_parents_are_listed_under_any_scope(
    scope: str, expected: list[str]
) -> None:
    ours = an_nsg(a_rule("allow-web"), allow_ssh_from="10.1.0.0/16")
    theirs = an_nsg(a_rule("allow-dns"), identity=OTHER)

    found = names(estate(ours, theirs).list(Listing(SECURITY_RULE, scope)))

    assert expected == sorted(found)


def test_children_of_a_parent_that_is_not_in_the_estate_are_not_none() -> None:
    with pytest.raises(PermanentError, match="is not in the estate"):
        estate(an_nsg()).list(Listing(SUBNET, VNET_ID.text))


def test_a_list_is_the_same_however_its_scope_is_spelt() -> None:
    held = estate(an_nsg(), a_vnet(a_subnet()))

    assert held.list(Listing(NSG, AT)) == held.list(Listing(NSG, AT.upper() + "/"))
    assert [SUBNET_ID.name] == names(held.list(Listing(SUBNET, VNET_ID.text.upper())))
