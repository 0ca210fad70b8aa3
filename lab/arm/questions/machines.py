"""How virtual machines run: their instance view, by itself or inside the machine's document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.calls import Answer, Call, answered
from lab.arm.clock import timestamp
from lab.arm.verbs.finding import missing

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.tree import Document

MACHINE = "microsoft.compute/virtualmachines"


def asked(call: Call) -> bool:
    """Whether a GET of a machine wants to know how it runs, too."""
    return (
        call.path.kind == MACHINE
        and call.path.complete
        and call.query.get("$expand", "").lower() == "instanceview"
    )


def expanded(arm: Arm, call: Call) -> Answer:
    """A machine's document with how it runs inside."""
    record = arm.store.get(call.path.text)
    if record is None:
        raise missing(arm, call.path)
    view = arm.store.view(record)
    running = {"instanceView": _view(arm, view)}
    return answered(view | {"properties": view.get("properties", {}) | running})


def instance_view(arm: Arm, call: Call) -> Answer:
    path = ids.parse(call.path.text.rpartition("/")[0])
    record = arm.store.get(path.text)
    if record is None:
        raise missing(arm, path)
    return answered(_view(arm, arm.store.view(record)))


def _view(arm: Arm, machine: Document) -> Document:
    """The view a document was seeded with; else that of a machine which runs, or was stopped since."""
    said = machine.get("properties") or {}
    if isinstance(said.get("instanceView"), dict):
        return dict(said["instanceView"])
    state = arm.power.get(str(machine["id"]).lower(), "running")
    done = {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded",
            "time": timestamp(arm.clock.now())}  # fmt: skip
    return {
        "computerName": (said.get("osProfile") or {}).get("computerName", machine["name"]),
        "hyperVGeneration": "V2",
        "statuses": [
            done,
            {"code": f"PowerState/{state}", "level": "Info", "displayStatus": f"VM {state}"},
        ],
    }
