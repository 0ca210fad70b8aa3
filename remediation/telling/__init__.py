"""What people hear.

announcing      findings -> announcements: stored together, sent afterwards, never lost
without_topic   the channel of record where no drift topic is configured
pressure_news   Azure keeps asking to wait: told when it lasts, and when it is over
sender          cards that are owed, sent from the finding's current state
channels        where they go: whose a resource is, and the places where people read
cards           a finding as an Adaptive Card, or as plain lines
"""
