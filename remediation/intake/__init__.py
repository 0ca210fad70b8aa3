"""A change comes in.

events      an Event Grid event, a CloudEvent, a dead letter's content -> ResourceChange
records     a record of the activity log -> the event that its operation raised
routing     what a change means by its id alone -> messages for the queue; no call, no setting
accepting   both together: the same for what is delivered and for what is fetched
expansion   whom a changed neighbour touches: what it refers to now, and who read it before
fetching    changes are read from the activity log, where none can be delivered or to see that all were
"""
