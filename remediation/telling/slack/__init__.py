"""Findings as Slack shows them: Block Kit, made of the same stories as the cards.

blocks    the few blocks a message is made of; where foreign text enters, it is text and nothing else
message   one finding, or a greeting
digest    many findings as one message
"""

from remediation.telling.slack.digest import digest
from remediation.telling.slack.message import greeting, message

__all__ = ["digest", "greeting", "message"]
