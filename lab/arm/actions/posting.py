"""POST actions. Bastion hosts and NICs answer in the SDK's shapes [?], any other with an empty list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lab.arm import ids
from lab.arm.actions.effective_admin_rules import effective_admin_rules
from lab.arm.actions.effective_routes import effective_routes
from lab.arm.actions.effective_rules import effective_rules
from lab.arm.actions.port_mappings import port_mappings
from lab.arm.calls import Answer, Call, answered
from lab.arm.clock import timestamp
from lab.arm.documents.store import INLINE, child
from lab.arm.kinds.base import new_guid
from lab.arm.kinds.table import kind_of
from lab.arm.verbs.finding import missing
from lab.arm.verbs.refusing import refuse_if_locked
from lab.arm.verbs.running import accepted_action, begin

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.tree import Document
    from lab.arm.state.operations import Status

NIC = "microsoft.network/networkinterfaces"
MACHINE = "microsoft.compute/virtualmachines"
POWER = {"start": "running", "restart": "running", "poweroff": "stopped", "deallocate": "deallocated"}
POOL = "microsoft.network/loadbalancers/backendaddresspools"
BASTION = "microsoft.network/bastionhosts"
NETWORK = "microsoft.network/virtualnetworks"
SITE_CONFIG = "microsoft.web/sites/config"
ADMIN_RULES = "listnetworkmanagereffectivesecurityadminrules"
LONG = frozenset(
    {
        (BASTION, "createshareablelinks"),
        (BASTION, "deleteshareablelinks"),
        (BASTION, "getactivesessions"),
        (NIC, "effectivenetworksecuritygroups"),
        (NIC, "effectiveroutetable"),
        (POOL, "queryinboundnatruleportmapping"),
    }
)


def post(arm: Arm, call: Call) -> Answer:
    """An action on a resource: the path's last segment is its name."""
    target = ids.parse(call.path.text.rpartition("/")[0])
    action = call.path.text.rpartition("/")[2]
    if not _is_there(arm, target):
        raise missing(arm, target)
    refuse_if_locked(arm, call, "action")
    operation_name = f"{kind_of(target.type).name}/{action}/action"
    sent = call.document()
    if (target.kind, action.lower()) in LONG:
        return _long(arm, call, target.text, action, operation_name, sent)
    if target.kind == MACHINE and action.lower() in POWER:  # [?] in Azure it takes an operation
        arm.power[target.key] = POWER[action.lower()]
        arm.publish(call, operation_name)
        return Answer(200)
    result = _result(arm, target, action.lower(), sent)
    arm.publish(call, operation_name)
    return answered(result)


def _result(arm: Arm, target: ids.ArmPath, action: str, sent: Document) -> Document:
    if action == "getshareablelinks":
        return _links(arm, target.text)
    if (target.kind, action) == (NETWORK, ADMIN_RULES):
        return effective_admin_rules(arm, target.text, sent)
    if (target.kind, action) == (SITE_CONFIG, "list"):  # [?] what a GET of it leaves out
        record = arm.store.get(target.text)
        return dict(record.doc) if record else {}
    return {"value": []}


def _is_there(arm: Arm, target: ids.ArmPath) -> bool:
    member = INLINE.get(target.kind)
    record = arm.store.get(target.parent if member else target.text)
    return record is not None and (member is None or child(record.doc, member, target.name) is not None)


def _long(arm: Arm, call: Call, target: str, action: str, operation_name: str, sent: Document) -> Answer:
    def finish(outcome: Status) -> None:
        if outcome == "Succeeded":
            operation.result = msgspec.json.encode(_effect(arm, target, action.lower(), sent))
            arm.publish(call, operation_name)
        else:
            arm.publish(call, operation_name, "Canceled" if outcome == "Canceled" else "Failed")

    error = call.fate.error if call.fate else None
    operation = begin(arm, call, f"{target}#{action}", f"{action}Operation", "action", finish, error)
    return Answer(202, None, accepted_action(arm, call, operation))


def _links(arm: Arm, target: str) -> Document:
    return {"value": arm.shareable_links.get(target.lower(), [])}


def _effect(arm: Arm, target: str, action: str, sent: Document) -> Document:
    if action.startswith("effective"):
        found = effective_routes if action == "effectiveroutetable" else effective_rules
        return found(arm.store, target)
    if action == "queryinboundnatruleportmapping":
        return port_mappings(arm.store, target, sent)
    wanted = [str(each["vm"]["id"]) for each in sent.get("vms") or [] if isinstance(each.get("vm"), dict)]
    links = arm.shareable_links.setdefault(target.lower(), [])
    if action == "getactivesessions":
        return {"value": []}
    kept = [each for each in links if each["vm"]["id"] not in wanted]
    made = [_link(arm, machine) for machine in wanted] if action == "createshareablelinks" else []
    arm.shareable_links[target.lower()] = kept + made
    return {"value": made}


def _link(arm: Arm, machine: str) -> Document:
    token = new_guid()
    return {"vm": {"id": machine}, "bsl": f"https://bst-{token}.bastion.azure.com/api/shareable-url/{token}",
            "createdAt": timestamp(arm.clock.now())}  # fmt: skip
