"""Changes are read from the activity log of every watched subscription.

Where nothing can be delivered this is how changes come in; where events are delivered it is a check that
all of them were. The log is late, tells an operation several times and may tell a record twice: windows
overlap by more than it is late, and what was taken in is remembered.

port       what reads the log
progress   how far each subscription was read, and what was taken in
windows    one subscription's records since the last reading, each once, as far as the time goes
rounds     fetching: whatever is new is handed in
checking   the check: whatever no event told of is handed in, counted and told
troubles   people are told of a subscription that cannot be read, and of events that do not arrive
"""
