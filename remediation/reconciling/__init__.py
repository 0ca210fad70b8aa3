"""One message of the queue, from claim to outcome.

reconciler   the orchestrator: claims a target, looks, writes, looks again, records and tells
look         one look at a target: read, judge, plan
writing      one planned write, so that a crash at any point can be told from what is left behind
handing_on   what cannot be done now: a later message, or given up and told
endings      which ending a look has, and its line in the log
fence        nothing outside the watched subscriptions is asked or written
sweeping     the safety net: every target of a scope is looked at again
"""
