"""The lab's Azure Resource Manager: ARM on loopback, as recorded traffic shows it.

    arm = Arm()                              # state: store, clock, settings, faults, log, changes
    async with serving(application(arm)) as url: ...      # on the present loop
    with in_background(arm) as url: ...      # in a thread, for synchronous clients

A request travels server -> routes -> resources | writes | scoped | views | actions; what a type
looks like and what it refuses stands in `kinds`, one module each.
"""

from lab.arm.arm import Arm
from lab.arm.changes import Change, Changes
from lab.arm.clock import Clock
from lab.arm.server import application
from lab.arm.serving import in_background, serving
from lab.arm.settings import Settings

__all__ = ["Arm", "Change", "Changes", "Clock", "Settings", "application", "in_background", "serving"]
