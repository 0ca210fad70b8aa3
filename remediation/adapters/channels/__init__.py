"""Channels beside Teams, and what all webhooks whose URL is a secret have in common.

posting   one POST to such a URL: paced, tried again, its refusals explained, the URL never told
slack     Slack's incoming webhooks
events    CloudEvents to a webhook of one's own, signed
as_set    a channel by its settings as they are when a card is sent: they may be resolved later
unusable  a channel whose secret is missing or wrong: it refuses with the reason
"""
