"""What should be: the team's baseline, from a file or a blob.

text        YAML or JSON -> a document
reader      a document -> typed values, every mistake named with its path (``exemptions[2].until``)
declared    its section on declarations
mistakes    what is wrong with a document, in a bounded number of short lines
values      the typed values, and what holds where nothing is said
difference  what is different between two documents, for people
"""

from remediation.baseline.reader import read
from remediation.baseline.values import (
    NOTHING,
    Action,
    Baseline,
    BastionPolicy,
    DeclaredPolicy,
    Environment,
    Exemption,
    Limits,
    Match,
    Override,
)

__all__ = [
    "NOTHING",
    "Action",
    "Baseline",
    "BastionPolicy",
    "DeclaredPolicy",
    "Environment",
    "Exemption",
    "Limits",
    "Match",
    "Override",
    "read",
]
