"""Whether a lead gets through: the one composition of everything that stands before a machine.

admin_rules   what a network manager decides before any group
guards        the groups and admin rules before a target
flow          one lead on its way to one port: who gets past them, as exact sets
passing       a lead judged for a port; the same groups are asked the same only once
description   what was found as a way, with hops, packet and reason
"""
