"""Declarations by files: put into the app's container, listed with what is in force, taken back.

A file is read and refused before anything is put there. What goes there is what is compared and nothing else:
a state may hold secrets, and nobody needs them.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from remediation.declared.declaration import Declaration, Declared, Source
from remediation.errors import InputError
from remediation.plain import shown
from remediation.ports import Clock, Ledger
from remediation.reconciling.declaring.files import SUFFIX, DeclaredFiles, Packed, Taken, packed, taken_in

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Given:
    """One file of the container. `taken` is what the app made of it; None while it has not looked."""

    name: str
    at: str
    by: str
    count: int
    taken: Taken | None = None

    @property
    def is_taken(self) -> bool:
        return self.taken is not None and not self.taken.mistake


@dataclass(frozen=True, slots=True)
class Declarer:
    """Gives files to the app, in the name of `by`. It watches `subscriptions` (lower case)."""

    files: DeclaredFiles
    ledger: Ledger
    clock: Clock
    subscriptions: Collection[str]
    by: str = ""

    def declare(self, declared: Declared, name: str) -> Given:
        """Put what a file declares there, over what stood under this name.

        Raises InputError for a name that is none, and where it is about subscriptions that are not watched.
        """
        if not _NAME.fullmatch(name):
            raise InputError(f"--as {shown(name)}: letters, digits, dots and dashes, at most 100 of them")
        self._refuse_strangers(declared, name)
        now = self.clock.now()
        every = [self._named(one, name, now) for one in declared.declarations.values()]
        told = Packed(
            name=name,
            at=now,
            by=self.by,
            declarations=[one.to_json() for one in every],
            subscriptions=sorted(declared.subscriptions),
        )
        self.files.put(f"{name}{SUFFIX}", msgspec.json.encode(told))
        return Given(name, now.isoformat(), self.by, len(every))

    def listed(self) -> list[Given]:
        """Every file of the container, with what the app has made of it."""
        known = {one.name: one for one in taken_in(self.ledger)}
        return [self._given(name, known.get(name)) for name in sorted(self.files.versions())]

    def remove(self, name: str) -> None:
        """Take a file away; raises InputError where there is none of this name."""
        if not self.files.remove(f"{name}{SUFFIX}"):
            known = ", ".join(one.name for one in self.listed()) or "none"
            raise InputError(f"--remove {shown(name)}: no declaration of this name; there are: {known}")

    def _given(self, name: str, taken: Taken | None) -> Given:
        short = name.removesuffix(SUFFIX)
        try:
            found = packed(self.files.content(name))
        except msgspec.MsgspecError:
            return Given(short, "", "", 0, taken)
        return Given(short, found.at.isoformat(), found.by, len(found.declarations), taken)

    def _refuse_strangers(self, declared: Declared, name: str) -> None:
        strangers = sorted(one for one in declared.subscriptions if one not in self.subscriptions)
        if strangers:
            known = ", ".join(sorted(self.subscriptions)[:3])
            raise InputError(
                f"{name}: declares resources of subscription {', '.join(strangers[:3])}, and the app watches "
                f"{known}; nothing of it was taken"
            )

    def _named(self, one: Declaration, name: str, now: datetime) -> Declaration:
        def spoken(source: Source) -> Source:
            return replace(source, name=name, at=now, by=self.by)

        children = {path: spoken(source) for path, source in one.children.items()}
        return replace(one, source=spoken(one.source), children=children)
