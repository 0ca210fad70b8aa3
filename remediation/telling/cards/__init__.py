"""Findings as people read them: Adaptive Cards for Teams, and plain lines for terminals and logs.

Pure: a FindingRecord and a moment go in, JSON or text comes out.

    words, diff, news     facts as sentences, what a fix changes, what kind of news it is
    story                 what there is to tell, in reading order
    facts                 who did what and when, in rows
    own                   the same for news about the app itself: a baseline, a stop
    summary               the same of many findings at once
    advice                what to type, and when the app tries again by itself
    finding_card, digest  one finding, or many, as a card; text as plain lines
    greeting              a card that shows that a channel works
    elements, links       what a card is made of, and the addresses behind its buttons
    safe                  the two locks against foreign text, applied where text enters a card
    size                  the webhook's envelope, its limit, and how a card is made to fit
"""

from remediation.telling.cards.digest import digest
from remediation.telling.cards.finding_card import card
from remediation.telling.cards.size import envelope, request_body
from remediation.telling.cards.text import card_text, text_of

__all__ = ["card", "card_text", "digest", "envelope", "request_body", "text_of"]
