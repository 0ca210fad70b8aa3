"""What people hear.

announcing      findings -> announcements: stored together, sent afterwards, never lost
without_topic   the channel of record where no drift topic is configured
pressure_news   Azure keeps asking to wait: told when it lasts, and when it is over
second_guard    another app that writes the same repairs: told, and when it has stopped
parts_down      which of the parts that tell people are down, for everybody to see
watched         the drift topic while it may be down: cards are sent directly, the topic is owed its part
part_news       people are told of a part that is down, on whatever channel is left
heartbeat       a ledger that takes no writes: noticed, and told without it
sender          cards that are owed, sent from the finding's current state
switchboard     the same for several channels, each with a sender of its own
channel_trouble a channel that refuses for good is told elsewhere
channels        where they go: whose a resource is, and the places where people read
slack           a finding as a message of blocks
board_link      addresses of the app's own page
cards           a finding as an Adaptive Card, or as plain lines
"""
