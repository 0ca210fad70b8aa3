"""Channels beside Teams, and what all webhooks whose URL is a secret have in common.

posting   one POST to such a URL: paced, tried again, its refusals explained, the URL never told
slack     Slack's incoming webhooks
events    CloudEvents to a webhook of one's own, signed
unusable  a channel whose secret is missing or wrong: it refuses with the reason
"""
