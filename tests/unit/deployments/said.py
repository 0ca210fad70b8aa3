"""What a person would say about each input: what is new, what was there, what ends, who gets in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """An input, and what is true of it; `effects` go on from "this change", `unknown` are beginnings."""

    title: str
    why: str
    arguments: tuple[str, ...]
    status: int = 1
    new: tuple[str, ...] = ()
    existing: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


CASES = (
    Case(
        "a machine with an address of its own",
        "The jump host takes SSH from anybody, passwords included, and nobody put a Bastion in front of it.",
        ("--template", "template-jump-host.json"),
        new=(
            "nsg-mgmt-open-to-internet vm-jump-nsg",
            "pip-attached-to-vm-nic vm-jump-pip",
            "vm-nsg-mgmt-from-any-private vm-jump-nsg",
            "bastion-coverage-gap vnet-jump",
            "vm-linux-password-auth vm-jump",
        ),
        effects=("lets the whole internet reach vm-jump on 22 through vm-jump-pip",),
    ),
    Case(
        "machines in a loop behind a balancer",
        "Web ports are meant to be open. SSH is open to a whole /8, each machine through its port.",
        ("--template", "template-web-farm.json", "--parameters", "template-web-farm.parameters.json"),
        new=(
            "nsg-mgmt-open-to-internet web-nsg",
            "lb-nat-mgmt-port web-lb",
            "vm-nsg-mgmt-from-any-private web-vnet",
            "bastion-coverage-gap web-vnet",
        ),
        effects=(
            "lets 20.0.0.0/8 reach web-1 on 22 through web-lb port 50000",
            "lets 20.0.0.0/8 reach web-2 on 22 through web-lb port 50001",
            "lets 20.0.0.0/8 reach web-3 on 22 through web-lb port 50002",
        ),
    ),
    Case(
        "a hub and its spokes for a subscription",
        "Nobody can be reached yet; the host logs nothing, hands out links, and no subnet has a group.",
        ("--template", "template-hub.json"),
        new=(
            "bastion-diagnostics bas-hub",
            "bastion-shareable-link-enabled bas-hub",
            "bastion-subnet-nsg-missing AzureBastionSubnet",
            "subnet-without-nsg app",
            "subnet-without-nsg app",
        ),
    ),
    Case(
        "what depends on parameters nobody gave",
        "The group may be open and may not be: that is said of each, and nothing of what never comes.",
        ("--template", "template-maybe.json"),
        status=0,
        unknown=(
            "nsg-app: rule for-debugging",
            "nsg-admin: what [parameters('admin')]",
            "for-debugging: whether it is deployed is not known: [parameters('debug')]",
            "nsg-secret: nsg-secret cannot be judged",
        ),
    ),
    Case(
        "a template that links another one",
        "What the linked file brings nobody sees here; the group without rules is fine.",
        ("--template", "template-linked.json"),
        status=0,
        unknown=("network: what it deploys is linked",),
    ),
    Case(
        "all of a group, in complete mode",
        "The rule goes, and with everything else in the group so does what was wrong with it.",
        ("--template", "template-complete.json", "--estate", "estate-shop.json"),
        status=0,
        resolved=(
            "nsg-mgmt-open-to-internet nsg-shop",
            "vm-nsg-mgmt-from-any-private vnet-shop",
            "bastion-coverage-gap vnet-shop",
        ),
    ),
    Case(
        "children beside parents that are there",
        "RDP is open to both halves of the internet, SSH through the new address; the old findings stay old.",
        ("--template", "template-children.json", "--estate", "estate-shop.json"),
        new=(
            "nsg-mgmt-open-to-internet nsg-shop",
            "pip-attached-to-vm-nic pip-shop",
            "subnet-without-nsg new",
        ),
        existing=("vm-nsg-mgmt-from-any-private vnet-shop", "bastion-coverage-gap vnet-shop"),
        effects=(
            "lets the whole internet reach vm-shop on 3389 through pip-shop",
            "lets 20.0.0.0/8 reach vm-shop on 22 through pip-shop",
        ),
        unknown=("rt-nowhere: only children",),
    ),
    Case(
        "a snapshot that asks other resources",
        "20.0.0.0/8 reaches the machine through the balancer; the references are all in the snapshot.",
        ("--snapshot", "snapshot-web.json"),
        new=(
            "nsg-mgmt-open-to-internet nsg-web",
            "lb-nat-mgmt-port lb-ops",
            "vm-nsg-mgmt-from-any-private vnet-web",
            "bastion-coverage-gap vnet-web",
        ),
        effects=("lets 20.0.0.0/8 reach vm-web-01 on 22 through lb-ops",),
    ),
    Case(
        "a snapshot with a rule for a group nobody knows",
        "The group of that one rule is not in the snapshot: unknown. The host has no audit log.",
        ("--snapshot", "snapshot-hub.json"),
        new=("bastion-diagnostics bas-hub", "bastion-subnet-nsg-required-flows nsg-bastion"),
        unknown=("nsg-unheard-of: only children",),
    ),
    Case(
        "one source made wider",
        "An office's rule became everybody's: the old finding is worse and so is new.",
        ("--what-if", "what-if-widened.json"),
        new=(
            "nsg-mgmt-open-to-internet nsg-shop",
            "pip-attached-to-vm-nic pip-shop",
            "vm-nsg-mgmt-from-any-private nsg-shop",
        ),
        existing=("bastion-coverage-gap vnet-shop",),
        resolved=("vm-nsg-mgmt-from-any-private vnet-shop",),
        effects=(
            "lets the whole internet reach vm-shop on 22 through pip-shop, where 20.0.0.0/9 could before",
        ),
    ),
    Case(
        "a result of REST, with the differences only",
        "The open rule goes. The address stays, as it was.",
        ("--what-if", "what-if-closed.json"),
        status=0,
        existing=(
            "pip-attached-to-vm-nic pip-shop",
            "vm-nsg-mgmt-from-any-private vnet-shop",
            "bastion-coverage-gap vnet-shop",
        ),
        resolved=("nsg-mgmt-open-to-internet nsg-shop",),
        effects=("keeps 20.0.0.0/9 from reaching vm-shop on 22 through pip-shop",),
    ),
    Case(
        "a result that says only which resources",
        "Nothing can be said: that is no green.",
        ("--what-if", "what-if-ids-only.json"),
        status=3,
        unknown=("nsg-shop: the result does not say", "nat: what becomes of it is not known"),
    ),
    Case(
        "Bastion's rule goes",
        "Nothing is opened, but Bastion no longer gets in.",
        ("--what-if", "what-if-breaks-bastion.json"),
        new=("vm-nsg-blocks-bastion nsg-jump",),
        existing=("bastion-diagnostics bas-hub", "bastion-subnet-nsg-missing AzureBastionSubnet"),
        resolved=("vm-nsg-mgmt-from-any-private vnet-hub",),
        effects=("breaks Bastion: nsg-jump keeps Bastion from vm-jump",),
    ),
    Case(
        "the host goes",
        "The machine loses its only supported way in; the host's own finding is gone with it.",
        ("--what-if", "what-if-without-bastion.json"),
        status=0,
        new=("bastion-coverage-gap vnet-hub",),
        existing=("bastion-subnet-nsg-missing AzureBastionSubnet", "vm-nsg-mgmt-from-any-private vnet-hub"),
        resolved=("bastion-diagnostics bas-hub",),
        effects=("takes vm-jump out of the reach of Bastion bas-hub",),
    ),
    Case(
        "a first apply, no id known",
        "The same hole as in the snapshot, in Terraform's words, through port 2222.",
        ("--terraform-plan", "plan-first-apply.json"),
        new=(
            "nsg-mgmt-open-to-internet nsg-shop",
            "lb-nat-mgmt-port lb-ops",
            "vm-nsg-mgmt-from-any-private vnet-shop",
            "bastion-coverage-gap vnet-shop",
        ),
        effects=("lets 20.0.0.0/8 reach vm-web-01 on 22 through lb-ops port 2222",),
    ),
    Case(
        "modules, for_each, count, outputs of outputs",
        "The jump hosts take RDP from anybody; the shop's group is fine.",
        ("--terraform-plan", "plan-modules.json"),
        new=(
            "nsg-mgmt-open-to-internet nsg-pay",
            "pip-attached-to-vm-nic pip-jump-0",
            "pip-attached-to-vm-nic pip-jump-1",
            "subnet-without-nsg data",
            "vm-nsg-mgmt-from-any-private nsg-pay",
            "bastion-coverage-gap vnet-pay",
        ),
        effects=(
            "lets the whole internet reach vm-jump-0 on 3389 through pip-jump-0",
            "lets the whole internet reach vm-jump-1 on 3389 through pip-jump-1",
        ),
    ),
    Case(
        "a rule of its own is updated",
        "The group is named, although the plan changes the rule that stands beside it.",
        ("--terraform-plan", "plan-widens-rule.json"),
        new=(
            "nsg-mgmt-open-to-internet nsg-shop",
            "pip-attached-to-vm-nic pip-shop",
            "vm-nsg-mgmt-from-any-private nsg-shop",
        ),
        existing=("bastion-coverage-gap vnet-shop",),
        resolved=("vm-nsg-mgmt-from-any-private vnet-shop",),
        effects=(
            "lets the whole internet reach vm-shop on 22 through pip-shop, where 20.0.0.0/9 could before",
        ),
    ),
    Case(
        "a group is taken from its subnet",
        "A Basic address without any group is open on every port.",
        ("--terraform-plan", "plan-drops-association.json"),
        new=("pip-attached-to-vm-nic pip-shop", "subnet-without-nsg app"),
        existing=("nsg-mgmt-open-to-internet nsg-shop", "bastion-coverage-gap vnet-shop"),
        resolved=("vm-nsg-mgmt-from-any-private vnet-shop",),
        effects=(
            "lets the whole internet reach vm-shop on 22 through pip-shop, where 20.0.0.0/9 could before",
            "lets the whole internet reach vm-shop on 3389 through pip-shop",
        ),
    ),
    Case(
        "everything is destroyed",
        "Nothing is left to reach.",
        ("--terraform-plan", "plan-destroy.json"),
        status=0,
        resolved=(
            "pip-attached-to-vm-nic pip-shop",
            "nsg-mgmt-open-to-internet nsg-shop",
            "vm-nsg-mgmt-from-any-private vnet-shop",
            "bastion-coverage-gap vnet-shop",
        ),
        effects=("keeps 20.0.0.0/9 from reaching vm-shop on 22 through pip-shop",),
    ),
    Case(
        "a firewall that translates, its address not known yet",
        "RDP is forwarded; from where to where hangs on an address Azure has not given yet.",
        ("--terraform-plan", "plan-firewall.json"),
        new=("fw-dnat-mgmt-port rcg-in", "subnet-without-nsg apps"),
        effects=("whether this change lets anybody reach vm-app on 3389 through fw-hub is not know",),
    ),
    Case(
        "a firewall with rules of its own",
        "A door to SSH opens through the firewall; the group's rule, harmless until now, matters.",
        ("--terraform-plan", "plan-classic-firewall.json"),
        new=("nsg-mgmt-open-to-internet nsg-shop", "fw-dnat-mgmt-port fw-old"),
        existing=("vm-nsg-mgmt-from-any-private vnet-shop", "bastion-coverage-gap vnet-shop"),
        effects=("lets the whole internet reach vm-shop on 22 through fw-old port 2222",),
    ),
    Case(
        "the host is replaced, its logs end",
        "The new host hands out links and logs nothing; the subnet never had a group.",
        ("--terraform-plan", "plan-replaces-bastion.json"),
        new=("bastion-diagnostics bas-hub", "bastion-shareable-link-enabled bas-hub"),
        existing=("bastion-subnet-nsg-missing AzureBastionSubnet",),
    ),
    Case(
        "resources that are written as ARM's",
        "Everything is open over IPv6, but nothing is behind that group. The gateway is not read: said so.",
        ("--terraform-plan", "plan-azapi.json"),
        new=("nsg-mgmt-open-to-internet nsg-azapi", "subnet-without-nsg late"),
        unknown=("azurerm_application_gateway.front: azurerm_application_gateway is not read",),
    ),
)
