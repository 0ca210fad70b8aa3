"""What should be: the team's baseline, from a file or a blob.

text        YAML or JSON -> a document
reader      a document -> typed values, every mistake named with its path (``exemptions[2].until``);
            structure is what its parts are made of, routes_reader the part about channels
declared    its section on declarations, and people that on who may act over HTTP
mistakes    what is wrong with a document, in a bounded number of short lines
values      the typed values, and what holds where nothing is said
scopes      which resources a part of it is about
routes      where alerts go: channels, routes, and whose a resource is; explaining says it of one resource
difference  what is different between two documents, for people
"""

from remediation.baseline.people import People
from remediation.baseline.reader import read
from remediation.baseline.routes import Channel, Concern, Owner, Route, Routing, Tags
from remediation.baseline.scopes import Match
from remediation.baseline.values import (
    NOTHING,
    Action,
    Baseline,
    BastionPolicy,
    DeclaredPolicy,
    Environment,
    Exemption,
    Limits,
    Override,
)

__all__ = [
    "NOTHING",
    "Action",
    "Baseline",
    "BastionPolicy",
    "Channel",
    "Concern",
    "DeclaredPolicy",
    "Environment",
    "Exemption",
    "Limits",
    "Match",
    "Override",
    "Owner",
    "People",
    "Route",
    "Routing",
    "Tags",
    "read",
]
