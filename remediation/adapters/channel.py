"""The channel of cards, made of a setting that may not be usable yet: asked for anew until it is.

In Azure the webhook is a reference to a Key Vault, and the app sees the reference itself while it is not
resolved: for a minute after a first deployment, or for as long as the vault is closed. That stops cards and
nothing else.
"""

from collections.abc import Callable, Mapping
from typing import Any

from remediation.errors import ConfigurationError, Mistake, PermanentError, TransientError
from remediation.ports import Notifier

REFERENCE = "@Microsoft.KeyVault("
UNRESOLVED, UNUSABLE = "UnresolvedReference", "UnusableWebhook"
SETTING = "TEAMS_WEBHOOK_URL"
NOT_RESOLVED = (
    "is a Key Vault reference that is not resolved: may the app's identity read the vault's secrets, and "
    "does the app reach the vault? A new role takes a minute or two; if it lasts, restart the app"
)


def is_reference(text: str) -> bool:
    """Whether a setting holds a reference to a vault, which the platform has not resolved."""
    return text.strip().startswith(REFERENCE)


class ChannelOfCards:
    """A Notifier that is made when it is first needed. `read` gives the setting as it is now."""

    def __init__(self, read: Callable[[], str], make: Callable[[str], Notifier]) -> None:
        self._read = read
        self._make = make
        self._made: tuple[str, Notifier] | None = None

    def post(self, card: Mapping[str, Any]) -> None:
        """Send one card. TransientError while the reference is unresolved, PermanentError for no webhook."""
        text = self._read()
        if is_reference(text):
            raise TransientError(f"setting {SETTING}: {NOT_RESOLVED}", code=UNRESOLVED)
        try:
            notifier = self._of(text)
        except ConfigurationError as error:
            raise PermanentError(str(error), code=UNUSABLE) from error
        notifier.post(dict(card))

    def mistakes(self) -> tuple[str, ...]:
        """What is wrong with the setting, for health; nothing while cards can be sent."""
        text = self._read()
        if is_reference(text):
            return (Mistake.at(f"setting {SETTING}", NOT_RESOLVED),)
        try:
            self._of(text)
        except ConfigurationError as error:
            return error.mistakes
        return ()

    def _of(self, text: str) -> Notifier:
        if self._made is None or self._made[0] != text:
            self._made = text, self._make(text)
        return self._made[1]
