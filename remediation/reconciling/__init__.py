"""One message of the queue, from claim to outcome, in the order of reading.

composition  puts the parts together: the one place that does
reconciler   handles a message: refuses it, dispatches it, hands it on or gives it up
target       one target: claims it, converges, concludes, lets it go
converging   looks, writes one step, looks again, until nothing is left to write
look         one look at a target: read, judge, plan
exempt_tags  who set a target's exemption tag, and since when
fixing       one write of a fix, under its guards; goes on with one that was begun
writing      the one way in which a document is written, by fixes and undos: intend, send, wait, verify
concluding   records and tells what a look found, then remembers the look
releasing    lets a claim go, and never drops a question that came meanwhile
spread       what a change means for others goes to the neighbourhood lane
rounds       the neighbourhood lane: marks are gathered, and answered together from one picture
sweeping     the safety net: which targets of a scope are due for another look
watching     what a dead worker held goes back on the queue
handing_on   what cannot be done now: a later message, or given up and told
endings      which ending a look has, and its line in the log
others       what somebody else did meanwhile: moved a resource, made our repair
declaring    what was declared: whose word stands, what differs from it, what may be put back
in_force     what every worker judges by: taken in, stopped, started, compared before each write
fence        nothing outside the watched subscriptions is asked or written
"""
