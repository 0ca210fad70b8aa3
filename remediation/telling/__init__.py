"""What people hear.

announcing      findings -> announcements: stored together, sent afterwards, never lost
without_topic   the channel of record where no drift topic is configured
pressure_news   Azure keeps asking to wait: told when it lasts, and when it is over
sender          cards that are owed, sent from the finding's current state
switchboard     the same for several channels, each with a sender of its own
channel_trouble a channel that refuses for good is told elsewhere
channels        where they go: whose a resource is, and the places where people read
slack           a finding as a message of blocks
cards           a finding as an Adaptive Card, or as plain lines
"""
