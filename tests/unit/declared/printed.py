"""What is printed to put each kind back by hand, for whoever asks a shell or the Azure CLI about it."""

from collections.abc import Iterator

from remediation.declared.comparison import compare
from remediation.declared.holding import Drifted
from remediation.declared.repairing.repair import restoring
from remediation.model import Resource
from remediation.resource_id import ResourceId
from tests.builders import (
    NIC_ID,
    PIP_ID,
    SUBNET_ID,
    WEB,
    Document,
    a_bastion,
    a_nic,
    a_public_ip,
    a_rule,
    a_setting,
    a_subnet,
    an_nsg,
)
from tests.unit.declared.declaring import declaration

GUARD_ID = ResourceId.parse(f"{WEB}/networkSecurityGroups/guard")
OTHER_ID = ResourceId.parse(f"{WEB}/publicIPAddresses/other")
PAIRS: tuple[tuple[Document, Document | None], ...] = (
    (a_nic(nsg=GUARD_ID), a_nic()),
    (a_nic(), a_nic(public_ip=PIP_ID)),
    (a_nic(public_ip=OTHER_ID), a_nic(public_ip=PIP_ID)),
    (a_nic(nsg=GUARD_ID), a_nic(forwarding=True)),
    ({**a_subnet(), "id": SUBNET_ID.text}, {**a_subnet(nsg=None), "id": SUBNET_ID.text}),
    (a_public_ip(), {**a_public_ip(), "sku": {"name": "Basic"}}),
    (a_setting(), None),
    (a_setting("logs", on=NIC_ID), a_setting("logs", on=NIC_ID, logs=[])),
    (an_nsg(a_rule("web", sourceAddressPrefix="10.0.0.0/8")), an_nsg(a_rule("web"), a_rule("more", 310))),
    (a_bastion(), a_bastion("Basic")),
)
"""As declared, and as somebody has made it."""


def printed() -> Iterator[str]:
    for told, live in PAIRS:
        one = declaration(told)
        there = None if live is None else Resource(one.id, live)
        yield from restoring(Drifted(one, there, compare(one, there))).by_hand
