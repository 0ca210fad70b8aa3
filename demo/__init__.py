"""The main job, played: an estate drifts and comes back, through the real app, SDKs and Functions runtime.

    python -m demo --seed 7

    casting    what the seed decides: who does it, with which client, names and addresses
    stories/   one act per file: what somebody does, and how it has to end
    stage      plays one act in the lab and gathers what happened
    figures    counts, from the lab's own log and nothing else
    documents  what ARM held before and holds now, as lines that differ
    watch      the acts in a terminal
    report     the acts as one HTML page and one JSON file

Nothing here is canned: every sentence about an ending is checked against ARM, the drift topic and Teams.
"""
