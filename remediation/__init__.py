"""Bastion Guard: drift in an Azure landing zone is repaired with proof, or told to people once.

The tour, along one change of a resource:

    events.py       an Event Grid event, a CloudEvent, a dead letter -> ResourceChange
    routing.py      what a change means by its id alone -> messages for the queue
    reconcile.py    the one orchestrator: claim, look, write, look again, record, tell
    handing_on.py   what cannot be done now: a later message, or given up and told
    looking.py      read the target and what its rules need (gathering), judge (evaluation), plan (planning)
    rules/          one rule per file; landing_zone/ reads documents for them, nsg/ is the exact engine
    writing.py      one planned write, so that a crash at any point can be told from what is left behind
    findings.py     the life of a finding, and which announcement it owes
    announcing.py   findings -> the drift topic; sender.py turns what is owed into cards/ for people
    ledger/         what we remember: claims, findings, history, counters, on one small port
    ports.py        what the core needs from outside; adapters/ has it on Azure's SDKs and in memory
    app.py          settings and baseline -> the whole, and the body of every function in function_app.py
    cli/            the same core from a desk
"""
