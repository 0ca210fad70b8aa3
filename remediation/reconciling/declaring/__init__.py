"""Drift from what was declared, while the app runs: whose word stands, what differs, what may be put back.

hearing    an event of a deployer, or of anybody else, before it is decided whether to look
attending  whose word is in force at a look; what a deployment left is kept from what the look has read
drifting   what differs as findings, each with its repair; around is what that is judged from, surroundings
           the estate it is judged in
templates  findings of the guidance whose cause stands in a declaration
waiting    when a repair may be made by itself: not before it is clear that no deployment did it
account    what one look came to by all of that
files      what teams declare by files, taken in from their container
seeing     all of that for one look
eye        the one way in for a look; reckoning is what it comes to, and imports none of the rest
"""
