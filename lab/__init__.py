"""A small Azure on loopback, never deployed. `README.md` beside this file says how to use it.

arm               Azure Resource Manager
functions_host    what Azure's host does around the app's functions
event_grid, delivery, events   what is told: topics, retries, schemas; windows shows it under ARM's `/_lab`
adaptive_card, slack, teams   cards and messages, and the channels that take them
front_door        App Service authentication: who signed in, told to the app
estate, estate_rules, building   plausible resources, put into ARM; actor is somebody who changes them
second_worker     a second worker beside the one in this process
deployments       several operations of one principal under one correlation id, as a deployment makes them
timer             a timer of the app, run by the lab's time
deployed_app      the app itself as ARM shows it, where somebody on call looks for it
second_guard      another team's app on the same subscription, which knows nothing of this one
world             ARM, topics, host, Teams and storage run together; azurite is storage where it is installed
clock, quiet      one time for all of them, and when nothing moves any more
logs, signals     what a person at the terminal sees, and their Ctrl-C
"""
