"""What was declared of one resource: by whom, when, in which deployment or file.

A declaration is a document that says some things and is silent on others; only what it says is compared.
The same value serves a file that is held against an estate, and a row of the ledger that is held against what
ARM says now.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from remediation.messages import utc
from remediation.resource_id import ResourceId

type Sort = Literal["snapshot", "state", "estate", "deployment", "accepted"]
type Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Whose word a declaration is.

    `name` is what people call it: a file as it was given, a deployment, a person who accepted. `by` is the
    principal behind it, `deployment` its correlation id; both "" and `at` None for a file. `line` and
    `address` say where in a file it stands.
    """

    sort: Sort
    name: str
    at: datetime | None = None
    by: str = ""
    deployment: str = ""
    line: int | None = None
    address: str = ""

    def to_json(self) -> dict[str, Any]:
        told = {
            "sort": self.sort,
            "name": self.name,
            "at": self.at and self.at.isoformat(),
            "by": self.by,
            "deployment": self.deployment,
            "line": self.line,
            "address": self.address,
        }
        return {key: value for key, value in told.items() if value}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Source":
        at = told.get("at")
        members = {
            key: told[key] for key in ("sort", "name", "by", "deployment", "line", "address") if key in told
        }
        return cls(**members, at=utc(datetime.fromisoformat(at)) if at else None)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared of one resource.

    `document` holds what is declared and nothing else, children in their arrays under ``properties``, in the
    shape and under the names in which ARM returns it; values that nobody knows yet stand there as
    expressions. `alone` are paths of lists (lower case, by names: ``securityrules``) whose elements were
    declared by themselves and speak for themselves alone; any other list is the whole list. `itself` is
    false where only children or references of the resource were declared, and not the resource.
    """

    id: ResourceId
    document: Document
    source: Source
    alone: frozenset[str] = frozenset()
    itself: bool = True
    children: Mapping[str, Source] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The words it is made of: the resource's own first, then those of children."""
        own = (self.source,) if self.itself or not self.children else ()
        return tuple(dict.fromkeys((*own, *self.children.values())))

    @property
    def names(self) -> str:
        """Who declared it, in words: the names of its sources."""
        return ", ".join(dict.fromkeys(source.name for source in self.sources))

    def source_of(self, path: str) -> Source:
        """The word behind one difference: the child's own where it was declared by itself."""
        parts = path.lower().split("/")
        return self.children.get("/".join(parts[:2]), self.source)

    def to_json(self) -> dict[str, Any]:
        """One row: everything, as JSON."""
        return {
            "id": self.id.text,
            "document": self.document,
            "source": self.source.to_json(),
            "alone": sorted(self.alone),
            "itself": self.itself,
            "children": {path: source.to_json() for path, source in self.children.items()},
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Declaration":
        """The declaration a row holds; raises InvalidResourceId, KeyError, TypeError or ValueError."""
        document = row["document"]
        if not isinstance(document, dict):
            raise TypeError(f"a declared document is an object, not {type(document).__name__}")
        return cls(
            id=ResourceId.parse(row["id"]),
            document=document,
            source=Source.of(row["source"]),
            alone=frozenset(row.get("alone", ())),
            itself=bool(row.get("itself", True)),
            children={path: Source.of(told) for path, told in row.get("children", {}).items()},
        )


@dataclass(frozen=True, slots=True)
class Declared:
    """What some inputs declare, by lower-cased id.

    `left_out` counts resources of types that are not compared, `unplaced` are those whose id nobody knows
    yet, as the input calls them.
    """

    declarations: Mapping[str, Declaration] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    unplaced: tuple[str, ...] = ()

    @property
    def subscriptions(self) -> frozenset[str]:
        return frozenset(one.id.subscription for one in self.declarations.values())
