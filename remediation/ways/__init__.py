"""Every way in: who can reach which machine from the internet, judged along the whole path.

From documents to ways:

landscape     what a view shows around machines, each question asked once
targets       where ways lead: the ip configurations of machines' interfaces
entries       what can have a public front, one module each; `balancing` reads load balancers
leads         all entries together: what leads to a target, before anybody asked whether it gets through
admin_rules   what a network manager decides before any group
guards        the groups and admin rules before a target
passing       whether a lead gets through them: the one composition; `flow` is one lead on its way
description   a judged lead as a way, with hops, packet and reason
whole         every machine of an estate with every way to it

`lead`, `way` and `report` are the words for all of this. Everything is pure.
"""
