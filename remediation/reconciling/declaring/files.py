"""Files that teams declare by: taken in from their container, each once, and taken out when it is gone.

What a file declares is kept in the ledger, so that a look reads one place. A file that cannot be read changes
nothing of what it said before, and is named; it stops no other.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec

from remediation.declared.declaration import Declaration
from remediation.errors import InvalidResourceId
from remediation.ledger.declaring.declarations import Declarations
from remediation.ledger.keys import plain, short
from remediation.ledger.unreadable import readable, record_of
from remediation.messages import Message
from remediation.ports import Ledger, Ports, Row
from remediation.structs import decoded

log = logging.getLogger("bastion_guard.declared")

PARTITION = "declared-files"
MOST = 1000
SUFFIX = ".json"


class DeclaredFiles(Protocol):
    """The container of declarations: a version and a content by name."""

    def versions(self) -> Mapping[str, str]: ...

    def content(self, name: str) -> bytes: ...

    def put(self, name: str, content: bytes) -> None: ...

    def remove(self, name: str) -> bool: ...


class Taken(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A file as it was taken in: under which name, which version, how much it declares; or why it was not."""

    name: str
    version: str
    at: datetime | None = None
    by: str = ""
    count: int = 0
    in_force: int = 0
    mistake: str = ""


class Packed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `declare` puts into the container. Nothing of the file but what is compared."""

    name: str
    at: datetime
    by: str
    declarations: list[dict[str, Any]]
    subscriptions: list[str]


def packed(content: bytes) -> Packed:
    """Raises msgspec's errors for what is none."""
    return decoded(content, Packed)


@dataclass(frozen=True, slots=True)
class TakingIn:
    """Keeps the ledger in step with the container. `speaks` notes whether any file stands."""

    files: DeclaredFiles
    ports: Ports
    subscriptions: Collection[str]
    speaks: Callable[[bool], object]

    def run(self) -> int:
        """Take in what is new, take out what is gone; how many files that were. Everything is looked at."""
        known, there = self._known(), dict(self.files.versions())
        changed = 0
        for name, version in sorted(there.items()):
            before = known.get(name)
            if before is None or before.version != version:
                changed += self._take_in(name, version, before)
        for name in sorted(known.keys() - there.keys()):
            self._take_out(known[name])
            changed += 1
        self.speaks(bool(there))
        if changed:
            for one in sorted(self.subscriptions):
                look = Message(sweep=f"/subscriptions/{one}", reason="baseline", force=True)
                self.ports.queue.send(look, delay=60.0)
        return changed

    def _known(self) -> dict[str, Taken]:
        rows = self.ports.ledger.rows(PARTITION, limit=MOST)
        return {taken.name: taken for taken, _ in readable(self.ports.ledger, rows, _taken)}

    def _take_in(self, name: str, version: str, before: Taken | None) -> int:
        book, now = Declarations(self.ports.ledger), self.ports.clock.now()
        try:
            found = packed(self.files.content(name))
            declarations = [Declaration.of(one) for one in found.declarations]
        except (msgspec.MsgspecError, InvalidResourceId, KeyError, TypeError, ValueError) as error:
            mistake = f"not what `declare` puts there: {type(error).__name__}"
            log.error("declared.unusable", extra={"file": name, "reason": mistake})  # noqa: TRY400
            kept = before or Taken(name=name, version=version)
            self._note(msgspec.structs.replace(kept, version=version, mistake=mistake))
            return 0
        in_force = book.keep_all(declarations, now)
        book.remove(found.name, but=found.at)
        facts = {"count": len(declarations), "in_force": in_force, "by": found.by, "at": found.at}
        self._note(Taken(name=name, version=version, **facts))  # type: ignore[arg-type]
        log.info("declared.taken_in", extra={"file": name, "declarations": len(declarations)})
        return 1

    def _take_out(self, taken: Taken) -> None:
        Declarations(self.ports.ledger).remove(taken.name.removesuffix(SUFFIX))
        rows = self.ports.ledger.rows(PARTITION, limit=MOST)
        self.ports.ledger.delete_all([row for row in rows if row.key == short(taken.name)])
        log.info("declared.taken_out", extra={"file": taken.name})

    def _note(self, taken: Taken) -> None:
        self.ports.ledger.put(PARTITION, short(taken.name), plain(taken))


def taken_in(ledger: Ledger) -> list[Taken]:
    """The files that the ledger knows, as the app has taken them in; by name."""
    rows = ledger.rows(PARTITION, limit=MOST)
    return sorted((taken for taken, _ in readable(ledger, rows, _taken)), key=lambda one: one.name)


def _taken(row: Row) -> Taken:
    return record_of(row, Taken)
