"""What a scale set tells of all its instances at once: their interfaces and their public addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.verbs.finding import missing
from lab.arm.verbs.paging import page

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.calls import Answer, Call

MACHINES = "microsoft.compute/virtualmachinescalesets/virtualmachines"
INTERFACES = f"{MACHINES}/networkinterfaces"
ADDRESSES = f"{INTERFACES}/ipconfigurations/publicipaddresses"


def interfaces(arm: Arm, call: Call) -> Answer:
    return _of_all(arm, call, INTERFACES)


def addresses(arm: Arm, call: Call) -> Answer:
    return _of_all(arm, call, ADDRESSES)


def _of_all(arm: Arm, call: Call, kind: str) -> Answer:
    path = ids.parse(call.path.text.rpartition("/")[0])
    record = arm.store.get(path.text)
    if record is None:
        raise missing(arm, path)
    found = [each for each in arm.store.under(path.text) if each.kind == kind]
    return page(call, [arm.store.body(each) for each in found], arm.settings.page_size)
