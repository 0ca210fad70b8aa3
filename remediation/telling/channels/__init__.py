"""Where news go: to the channels of those whose resource it is.

owners      reads the tags that say whose a resource is
addressing  writes on each finding whose it is and where it is told, and notices when that changes
hearing     what one place is told of a finding, by what it was told before
event       the CloudEvent of a finding's change
voices      how findings are put for each kind of channel: cards, Slack's blocks, events
outlet      one place: which findings are told there, and in what voice
rest        a place that does not answer is left in peace for a while
budget      how many cards a channel gets in a minute
"""
