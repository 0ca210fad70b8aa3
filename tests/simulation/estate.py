"""What there is at the start, and what people do to it."""

import json
from typing import Any

from remediation.baseline import Action, Baseline, DeclaredPolicy, Limits
from remediation.model import Resource, Write
from remediation.resource_id import ResourceId
from remediation.rules import registry
from tests.builders import (
    BASTION_ID,
    NIC_ID,
    PIP_ID,
    SUBSCRIPTION,
    VNET_ID,
    WEB,
    Document,
    a_baseline,
    a_bastion,
    a_group,
    a_lock,
    a_nic,
    a_public_ip,
    a_rule,
    a_setting,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.simulation.azure import Azure
from tests.simulation.scenario import NSGS, Edit, Scenario

PIPELINE = "aaaaaaaa-0000-4000-8000-000000000001"
JUDGED = ("nsg-mgmt-open-to-internet", "bastion-diagnostics", "bastion-sku-tier", "pip-attached-to-vm-nic")
NSG_IDS = tuple(ResourceId.parse(f"{WEB}/networkSecurityGroups/nsg-{number}") for number in range(NSGS))
SUBNET_IDS = tuple(VNET_ID.child("subnets", f"subnet-{number}") for number in range(NSGS))
SETTING = a_setting()
LOCKED_ID = NSG_IDS[0]
ELSEWHERE = SUBSCRIPTION[:-1] + "9"
"""Another subscription: what a NIC there means for its public address is answered by a round of its own."""

NICS = (NIC_ID, ResourceId.parse(NIC_ID.text.replace(SUBSCRIPTION, ELSEWHERE)))
PIPS = (PIP_ID, ResourceId.parse(f"{PIP_ID.text}-2"))

SOURCES = ("Internet", "*", "0.0.0.0/0", "10.0.0.0/8", "VirtualNetwork", "52.0.0.0/8")
SERVICES: tuple[Document, ...] = (
    {"destinationPortRange": "22"},
    {"destinationPortRange": None, "destinationPortRanges": ["22", "443"]},
    {"destinationPortRange": "20-3400"},
    {"destinationPortRange": "*"},
)


def estate() -> list[Document]:
    """Four NSGs on four subnets, two machines with a public IP each that is not used, a Bastion host.

    All compliant. One machine lies in the other subscription, its public IP does not.
    """
    subnets = [
        a_subnet(subnet, nsg=nsg, nics=NICS[number : number + 1])
        for number, (subnet, nsg) in enumerate(zip(SUBNET_IDS, NSG_IDS, strict=True))
    ]
    nsgs = [
        an_nsg(_rule("allow-web", 300), identity=nsg, subnets=(at,))
        for nsg, at in zip(NSG_IDS, SUBNET_IDS, strict=True)
    ]
    machines = [_nic(number, attached=False) for number in range(2)]
    addresses = [a_public_ip(identity=identity) for identity in PIPS]
    groups = [a_group(), a_group("rg-hub")]
    return [*nsgs, a_vnet(*subnets), *machines, *addresses, a_bastion(), SETTING, *groups]


def standard(scenario: Scenario) -> Baseline:
    """Only the rules that the estate is about; whatever else the catalogue holds is off."""
    if scenario.deploys:
        declared = DeclaredPolicy(deployers=(PIPELINE,))
        return a_baseline(rules=dict.fromkeys(registry(), Action.OFF), declared=declared)
    rules = {name: Action.OFF for name in registry() if name not in JUDGED}
    if scenario.repairs_skus:
        rules["bastion-sku-tier"] = Action.FIX
    limits = Limits(max_writes_per_hour=scenario.writes_an_hour)
    return a_baseline(rules=rules, limits=limits)


def _rule(name: str, priority: int, **properties: Any) -> Document:
    """A rule as it is sent: its NSG gives it its id."""
    rule = a_rule(name, priority, **properties)
    del rule["id"]
    return rule


def _nic(number: int, *, attached: bool) -> Document:
    nic = a_nic(public_ip=PIPS[number] if attached else None, identity=NICS[number])
    nic["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"] = SUBNET_IDS[number].text
    return nic


class People:
    """Everything people can do, each deed by its name in a scenario."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def do(self, edit: Edit) -> bool:
        """Do it; False where it is no change or ARM refuses it."""
        deeds = {
            "open": self._open, "deny": self._deny, "close": self._close, "unlog": self._unlog,
            "log": self._log, "mislog": self._mislog, "sku": self._sku, "attach": self._attach,
            "detach": self._detach, "tag": self._tag, "lock": self._lock, "unlock": self._unlock,
            "delete": self._delete, "create": self._create, "deploy": self._deploy,
            "install": self._install,
        }  # fmt: skip
        return deeds[edit.deed](edit)

    def _open(self, edit: Edit) -> bool:
        source = {"sourceAddressPrefix": SOURCES[edit.how % len(SOURCES)]}
        return self._put_rule(edit, **source, **SERVICES[edit.how % len(SERVICES)])

    def _deny(self, edit: Edit) -> bool:
        return self._put_rule(edit, access="Deny", sourceAddressPrefix="Internet", destinationPortRange="22")

    def _put_rule(self, edit: Edit, **properties: Any) -> bool:
        number = edit.how % 3
        rule = _rule(f"rule-{number}", 310 + number, **properties)
        return self._people("PUT", NSG_IDS[edit.which].child("securityRules", rule["name"]), rule)

    def _close(self, edit: Edit) -> bool:
        return self._people("DELETE", NSG_IDS[edit.which].child("securityRules", f"rule-{edit.how % 3}"))

    def _unlog(self, _: Edit) -> bool:
        return self._people("DELETE", ResourceId.parse(SETTING["id"]))

    def _log(self, _: Edit) -> bool:
        return self._people("PUT", ResourceId.parse(SETTING["id"]), SETTING)

    def _mislog(self, edit: Edit) -> bool:
        elsewhere = a_setting(workspace=f"{WEB}/workspaces/other" if edit.how % 2 else None, logs=[])
        return self._people("PUT", ResourceId.parse(SETTING["id"]), elsewhere)

    def _sku(self, edit: Edit) -> bool:
        return self._people("PUT", BASTION_ID, a_bastion(("Basic", "Standard")[edit.how % 2]))

    def _attach(self, edit: Edit) -> bool:
        return self._wire(edit.which % 2, attached=True)

    def _detach(self, edit: Edit) -> bool:
        return self._wire(edit.which % 2, attached=False)

    def _wire(self, number: int, *, attached: bool) -> bool:
        """ARM tells of the NIC alone; the public IP's document changes with it."""
        on = f"{NICS[number]}/ipConfigurations/ipconfig1" if attached else None
        self._azure.cloud.seed(a_public_ip(attached_to=on, identity=PIPS[number]))
        return self._people("PUT", NICS[number], _nic(number, attached=attached))

    def _tag(self, edit: Edit) -> bool:
        nsg = self._azure.look(NSG_IDS[edit.which])
        tags = {"managed-by": "terraform"} if edit.how % 2 else {}
        return nsg is not None and self._people(
            "PUT", nsg.id, json.loads(json.dumps({**nsg.body, "tags": tags}))
        )

    def _lock(self, _: Edit) -> bool:
        lock = a_lock(LOCKED_ID.text)
        return self._people("PUT", ResourceId.parse(lock["id"]), lock)

    def _unlock(self, _: Edit) -> bool:
        return self._people("DELETE", ResourceId.parse(a_lock(LOCKED_ID.text)["id"]))

    def _delete(self, edit: Edit) -> bool:
        return self._people("DELETE", NSG_IDS[edit.which])

    def _create(self, edit: Edit) -> bool:
        identity, subnet = NSG_IDS[edit.which], SUBNET_IDS[edit.which]
        if self._azure.look(identity) is not None:
            return False
        self._azure.cloud.seed(an_nsg(identity=identity, subnets=(subnet,)))
        opened = an_nsg(_rule("rule-0", 310, destinationPortRange="22"), identity=identity, subnets=(subnet,))
        return self._people("PUT", identity, opened)

    def _deploy(self, edit: Edit) -> bool:
        """A pipeline writes a group whole; what it declares may be open."""
        rules = [_rule("allow-web", 300)]
        if edit.how % 3:
            rules.append(_rule("rule-0", 310, **SERVICES[edit.how % len(SERVICES)]))
        identity, subnet = NSG_IDS[edit.which], SUBNET_IDS[edit.which]
        return self._people("PUT", identity, an_nsg(*rules, identity=identity, subnets=(subnet,)))

    def _install(self, edit: Edit) -> bool:
        """A pipeline writes an interface whole, with or without its public address."""
        return self._wire(edit.which % 2, attached=bool(edit.how % 2))

    def _people(self, method: Any, identity: ResourceId, body: Document | None = None) -> bool:
        return self._azure.people(Write(method, identity, body))


def described(resource: Resource | None) -> str:
    return "gone" if resource is None else json.dumps(dict(resource.body))[:2000]
