"""What is wrong with one document: mistakes with their paths, in lines that stay short whatever it holds."""

import difflib
from collections.abc import Collection, Iterator

from remediation.errors import Mistake
from remediation.plain import SHORT, shown

MOST_MISTAKES = 50
_NOTHING = object()


class Mistakes:
    """Collects the mistakes of a document called `name`: fifty by name, and how many more there are."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mistakes: list[Mistake] = []
        self.unnamed = 0

    def wrong(self, path: str, kind: str, value: object = _NOTHING) -> None:
        """Note a mistake; `value` is what stands there, of which as much is shown as helps."""
        if len(self.mistakes) == MOST_MISTAKES:
            self.unnamed += 1
            return
        self.mistakes.append(Mistake.at(path, kind, "" if value is _NOTHING else shown(value)))

    def named(self) -> Iterator[Mistake]:
        """The mistakes as they are told, led by the document's name."""
        yield from (mistake.inside(self.name) for mistake in self.mistakes)
        if self.unnamed:
            yield Mistake.at("and so on", f"{self.unnamed} more mistakes").inside(self.name)

    def meant(self, text: str, known: Collection[str]) -> str:
        """A hint at what was probably meant; none where nobody will read it any more."""
        if len(self.mistakes) >= MOST_MISTAKES:
            return ""
        close = difflib.get_close_matches(text[:SHORT], sorted(known), n=1)
        return f"; did you mean {close[0]}?" if close else ""
