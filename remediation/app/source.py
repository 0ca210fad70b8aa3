"""Where the baseline comes from, as BASELINE names it: a blob, a path in the package, or nothing."""

from collections.abc import Callable
from pathlib import Path

from remediation import baseline
from remediation.app.health import told_of
from remediation.app.settings import Settings
from remediation.declared.rule import DECLARED_DRIFT
from remediation.errors import ConfigurationError, UnreachableError
from remediation.plain import clipped, plain
from remediation.reconciling.in_force.keeper import Found
from remediation.rules import registry

LONGEST_NAME = 200


class Source:
    """One source, looked at again and again; a blob that has not changed is not sent again."""

    def __init__(self, setting: str, root: Path, chosen: Settings | None) -> None:
        self.is_blob = setting.startswith("https://")
        self.name = clipped(plain(setting.partition("?")[0]), LONGEST_NAME)
        self._setting = setting
        self._root = root
        self._chosen = chosen
        self._read: Callable[[], tuple[str, str]] | None = None

    def look(self) -> Found:
        """What it holds now; a mistake is told in what is returned, by place and kind."""
        try:
            return self.good()
        except ConfigurationError as error:
            told = dict.fromkeys((told_of(one).path, told_of(one).kind) for one in error.mistakes)
            unreachable = isinstance(error, UnreachableError)
            return Found(self.name, mistakes=tuple(told), unreachable=unreachable)

    def good(self) -> Found:
        """What it holds now; raises ConfigurationError with every mistake in it."""
        if not self._setting:
            return Found("", standard=baseline.NOTHING)
        if self._read is None:
            self._read = self._reader()
        text, by = self._read()
        standard = baseline.read(text, name=self._setting, known_rules=[*registry(), DECLARED_DRIFT.id])
        return Found(self.name, text, standard, by)

    def _reader(self) -> Callable[[], tuple[str, str]]:
        """What reads the text, and who put it there as far as the source tells."""
        if not self.is_blob:
            from remediation.adapters.files import read_text

            return lambda: (read_text(self._setting, self._root), "")
        from remediation.adapters.storage.baseline_blob import blob_of

        identity, in_azure = ("", False)
        if self._chosen is not None:
            identity, in_azure = self._chosen.client_id, self._chosen.in_azure
        blob = blob_of(self._setting, client_id=identity, in_azure=in_azure)

        def read() -> tuple[str, str]:
            found = blob.read()
            return found.text, found.by

        return read
