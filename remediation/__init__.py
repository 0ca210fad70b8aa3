"""Bastion Guard: drift in an Azure landing zone is repaired with proof, or told to people once.

The rooms, along one change of a resource:

    intake        a change comes in: read, routed by its id, spread to whom it touches
    reconciling   the one orchestrator: claim, look, write, look again, record, tell, or hand on
    judging       a look: read what rules need, judge, predict what a repair leaves, plan
    rules         one rule per file
    ways          who can reach which machine, judged along the whole path
    landing_zone  what documents mean, for several rules; nsg is the exact engine below it
    telling       findings become announcements, and announcements cards for people
    ledger        what we remember: claims, findings, history, counters, on one small port
    on_call       what people ask: replay, preview, history, undo, doctor
    estates       a whole estate from files, and the scan of one
    declared      what the team's own files declare, and what differs from it
    adapters      Azure's SDKs, memory and files behind the ports
    app           what each Azure Function does, and where its parts are put together
    cli           the same core from a desk; __main__ makes it `python -m remediation`
    baseline      what should be

The words everybody speaks, from the bottom up:

    plain         foreign text, made fit for a line of ours; structs reads JSON, safe among threads
    errors        the error tree; kinds has ARM's facts, resource_id the ids, arm_lists how ARM lists
    model         Resource, Snapshot, Finding, Fix, Plan: what flows between the rooms
    messages      what lies on the queues
    ports         what the core needs from outside; policy holds the numbers that steer a worker
    rule          what a rule is; guidance maps rules to the guidance's clauses
    findings      the life of a finding, and which announcement it owes
    measures      what is counted and timed
"""

__version__ = "0.2.0"
