from typing import Any

from remediation.resource_id import ResourceId
from tests.builders import (
    BASTION_ID,
    HUB,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    WEB,
    Document,
    a_group,
    a_nic,
    a_public_ip,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.unit.rules.case import Case

PIP = PIP_ID.text
CONFIGURATION = f"{NIC_ID}/ipConfigurations/ipconfig1"
SCALE_SET = WEB.replace("Network", "Compute") + "/virtualMachineScaleSets/web"
INSTANCE_NIC = ResourceId.parse(f"{SCALE_SET}/virtualMachines/0/networkInterfaces/nic")


def attached(name: str, says: Any, nic: Document, nsg: Document | None = None, **more: Any) -> Case:
    address = a_public_ip(attached_to=CONFIGURATION)
    documents = (address, nic, nsg or an_nsg(), a_vnet(a_subnet()), a_group())
    return Case(name, says, PIP, documents, **more)


def of_a_scale_set(name: str, says: Any, nic: Document, **more: Any) -> Case:
    address = a_public_ip(attached_to=f"{INSTANCE_NIC}/ipConfigurations/ipconfig1")
    return Case(name, says, PIP, (address, nic, an_nsg(), a_vnet(a_subnet()), a_group()), **more)


def elsewhere(name: str, configuration: str | None) -> Case:
    return Case(name, "silent", PIP, (a_public_ip(attached_to=configuration),))


CASES = (
    elsewhere("attached to nothing", None),
    elsewhere("of a bastion", f"{BASTION_ID}/bastionHostIpConfigurations/cfg"),
    elsewhere("of a load balancer", f"{WEB}/loadBalancers/lb/frontendIPConfigurations/front"),
    elsewhere("of a gateway", f"{HUB}/virtualNetworkGateways/gw/ipConfigurations/cfg"),
    attached("of an appliance that forwards packets", "silent", a_nic(public_ip=PIP_ID, forwarding=True)),
    attached("of a NIC without a machine", "silent", a_nic(public_ip=PIP_ID, machine=None)),
    attached("of a machine", "speaks", a_nic(public_ip=PIP_ID), severity="high"),
    attached("of a machine whose ssh is open", "speaks", a_nic(public_ip=PIP_ID), an_nsg(allow_ssh_from="*"),
             severity="critical"),
    attached("of a machine whose ssh is open at the subnet and closed at the NIC", "speaks",
             a_nic(public_ip=PIP_ID, nsg=NSG_ID), an_nsg(), severity="high"),
    attached("of a machine whose ssh is open to approved sources only", "speaks", a_nic(public_ip=PIP_ID),
             an_nsg(allow_ssh_from="20.1.2.0/24"), severity="high",
             baseline={"allowedManagementSources": ["20.1.2.0/24"]}),
    attached("of a machine whose ssh is open to an office", "speaks", a_nic(public_ip=PIP_ID),
             an_nsg(allow_ssh_from="20.49.199.4"), severity="high"),
    attached("of a machine whose ssh is open to a tenth of the internet", "speaks", a_nic(public_ip=PIP_ID),
             an_nsg(allow_ssh_from="20.0.0.0/6"), severity="critical"),
    attached("of a machine whose ssh is open to a tag of unknown content", "speaks", a_nic(public_ip=PIP_ID),
             an_nsg(allow_ssh_from="AzureCloud"), severity="high"),
    attached("of a machine behind an NSG nobody may read", "speaks", a_nic(public_ip=PIP_ID), severity="high",
             unread=(NSG_ID.text,)),
    attached("of a NIC nobody may read", "unknown", a_nic(public_ip=PIP_ID), unread=(NIC_ID.text,)),
    of_a_scale_set("of a scale set's instance", "speaks", a_nic(INSTANCE_NIC, public_ip=PIP_ID, machine=None),
                   severity="high"),
    of_a_scale_set("of a scale set's appliance that forwards packets", "silent",
                   a_nic(INSTANCE_NIC, public_ip=PIP_ID, machine=None, forwarding=True)),
    of_a_scale_set("of a scale set's NIC nobody may read", "unknown", a_nic(INSTANCE_NIC, public_ip=PIP_ID),
                   unread=(INSTANCE_NIC.text,)),
    Case("an address of which only the id is known", "unknown", PIP, ({"id": PIP, "name": PIP_ID.name},)),
    Case("a NIC of which only the id is known", "unknown", PIP,
         (a_public_ip(attached_to=CONFIGURATION), {"id": NIC_ID.text, "name": NIC_ID.name})),
)  # fmt: skip
