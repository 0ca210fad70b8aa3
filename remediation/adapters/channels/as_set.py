"""A channel made of settings that may not be usable yet: they are read anew for each card.

In Azure a webhook is a reference to a Key Vault, and the app sees the reference itself while it is not
resolved: for a minute after a first deployment, or for as long as the vault is closed. That stops what this
channel is told and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from remediation.errors import ConfigurationError, Mistake, PermanentError, TransientError
from remediation.ports import Notifier
from remediation.telling.parts_down import UNRESOLVED

REFERENCE = "@Microsoft.KeyVault("
UNUSABLE = "UnusableWebhook"
NOT_RESOLVED = (
    "is a Key Vault reference that is not resolved: may the app's identity read the vault's secrets, and "
    "does the app reach the vault? A new role takes a minute or two; if it lasts, `doctor` says why, and a "
    "restart resolves it anew"
)


def is_reference(text: str) -> bool:
    """Whether a setting holds a reference to a vault, which the platform has not resolved."""
    return text.strip().startswith(REFERENCE)


class ChannelAsSet:
    """A Notifier that is made of its settings as they are when a card is sent.

    `read` gives a setting by its name, and `make` a notifier of all of their texts, in their order; it is
    made once for the same texts.
    """

    def __init__(
        self, names: Sequence[str], read: Callable[[str], str], make: Callable[..., Notifier]
    ) -> None:
        self._names = names
        self._read = read
        self._make = make
        self._made: tuple[tuple[str, ...], Notifier] | None = None

    def post(self, card: Mapping[str, Any]) -> None:
        """Send one card. TransientError while a reference is unresolved, PermanentError for no webhook."""
        texts = self._texts()
        for mistake in self._unresolved(texts):
            raise TransientError(mistake, code=UNRESOLVED)
        try:
            notifier = self._of(texts)
        except ConfigurationError as error:
            raise PermanentError(self._named(error), code=UNUSABLE) from error
        notifier.post(dict(card))

    def mistakes(self) -> tuple[str, ...]:
        """What is wrong with the settings, for health; nothing while cards can be sent."""
        texts = self._texts()
        unresolved = self._unresolved(texts)
        if unresolved:
            return unresolved
        try:
            self._of(texts)
        except ConfigurationError as error:
            return (self._named(error),)
        return ()

    def _texts(self) -> tuple[str, ...]:
        return tuple(map(self._read, self._names))

    def _unresolved(self, texts: Sequence[str]) -> tuple[str, ...]:
        pairs = zip(self._names, texts, strict=True)
        named = [name for name, text in pairs if is_reference(text)]
        return tuple(Mistake.at(f"setting {name}", NOT_RESOLVED) for name in named)

    def _named(self, error: ConfigurationError) -> Mistake:
        return Mistake.at(f"setting {self._names[0]}", "; ".join(error.mistakes))

    def _of(self, texts: tuple[str, ...]) -> Notifier:
        if self._made is None or self._made[0] != texts:
            self._made = texts, self._make(*texts)
        return self._made[1]
