"""The lab's Azure Resource Manager: ARM on loopback, as recorded traffic shows it.

    arm = Arm()                              # store, clock, settings, faults, log, changes
    async with serving(application(arm)) as url: ...      # on the present loop
    with in_background(arm) as url: ...      # in a thread, for synchronous clients

A request comes in at the top and meets, on its way down:

server, serving, control   HTTP: every path of Azure's, a place to run, and the lab's own API
answering      from a path and a method to the function that answers
questions      GETs that are no resource: operations, subscriptions, what the network provider tells
actions        POST: what is done to a resource
scoped         what is synchronous and stands on a scope: settings, locks, roles, tags, groups
verbs          GET, PUT, PATCH and DELETE of resources
arm            what a lab consists of; knows nothing of who asks it
state          operations, faults, buckets, roles and logs
kinds          what each type looks like and does, one module each
refusals       what Azure does not take: rules, ranges, addresses, peerings
facts          tables from the vendor's documents
documents      how resources are kept: by id, with etags and back references

Words all of them use: ids, calls, errors, changes, clock, persona, settings.
"""

from lab.arm.arm import Arm
from lab.arm.changes import Change, Changes
from lab.arm.clock import Clock
from lab.arm.server import application
from lab.arm.serving import in_background, serving
from lab.arm.settings import Settings

__all__ = ["Arm", "Change", "Changes", "Clock", "Settings", "application", "in_background", "serving"]
