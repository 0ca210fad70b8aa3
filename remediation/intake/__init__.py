"""A change comes in.

events      an Event Grid event, a CloudEvent, a dead letter's content -> ResourceChange
routing     what a change means by its id alone -> messages for the queue; no call, no setting
expansion   whom a changed neighbour touches: what it refers to now, and who read it before
"""
