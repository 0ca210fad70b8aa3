"""Cards as log lines, where there is no Teams channel."""

import logging
from typing import Any

from remediation.telling.cards import text_of

log = logging.getLogger(__name__)


class LogNotifier:
    """A Notifier that logs ``card.posted`` with the card's headline and lines, all of them neutralised."""

    def post(self, card: dict[str, Any]) -> None:
        headline = str(card.get("fallbackText", ""))
        log.info("card.posted", extra={"headline": headline, "lines": list(text_of(card))})
