"""What we remember, written once on top of the Ledger port.

claims     who works on a target now, who asked for another look, how far we have seen it
findings_book  the findings of a target with the announcements they owe
journal    every write: intent, before and after, inverse, how it ended
readers    which judgements read a resource, so that its change reaches them
counters   repairs per finding and writes per hour, for the flap guard and the budget
pressure   until when ARM asked everybody to wait
inbox      the events that came in, each once
cards      the cards that are owed to people, and those that were sent
"""
