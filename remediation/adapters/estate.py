"""An estate from files as the reading half of a Cloud: what a scan needs is answered from documents.

The estate is closed (design section 6): what is derived from it as a list is complete as given, and absent
means empty. An id that something refers to and that is absent was not exported: reading it fails, which
makes what depends on it unknown. Types that were not exported at all are opened with `open_world`.

    estate = Estate.of(files, open_world=["Microsoft.Insights/diagnosticSettings"])
    estate.warnings            lines about elements that could not be used
    estate.of_types(kinds)     the resources to judge, flawed and partial ones included
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from remediation.adapters.arm_types import DIAGNOSTIC_SETTINGS, INHERITED, INLINE_CHILDREN, canonical, parent_type
from remediation.adapters.estate_files import EstateFile, whereabouts
from remediation.adapters.estate_links import link
from remediation.adapters.estate_shapes import arm_shaped, flaw
from remediation.errors import InvalidResourceId, PermanentError
from remediation.kinds import POLICY_EXEMPTION, ROLE_ASSIGNMENT, VNET
from remediation.model import Listing, Resource, ResourceId
from remediation.scanning import Subject

type Document = dict[str, Any]

EVERYTHING = "*"
NETWORK_MANAGER = "microsoft.network/networkmanagers/"
# Types of which files seldom hold anything: none of them there means that nobody exported them.
SELDOM_EXPORTED = frozenset({ROLE_ASSIGNMENT, POLICY_EXEMPTION})
FOLDED = {kind: field for kind, field in INLINE_CHILDREN.items() if not kind.endswith("/defaultsecurityrules")}
