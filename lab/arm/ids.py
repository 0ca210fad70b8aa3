"""Resource ids and request paths: taking them apart, comparing them, writing them canonically.

Look-up ignores case in every segment; ids come back in the canonical casing of their type with
group and names as first created (unconfirmed by the vendor; consistent with all recordings).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

GROUPS = "Microsoft.Resources/resourceGroups"
RESOURCES = "Microsoft.Resources/resources"
GROUP_OPERATIONS = "Microsoft.Resources/operationResults"
SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
PROVIDERS = "Microsoft.Resources/providers"
LOCATIONS = "Microsoft.Resources/locations"
TENANTS = "Microsoft.Resources/tenants"
METADATA = "Microsoft.Resources/metadata"  # the cloud's endpoints, which anybody may ask for


_ASCII = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def folded(text: str) -> str:
    """The text as ids compare: case is ignored in ASCII alone [?].

    ARM is not known to ignore it elsewhere, and the lab finds nothing that ARM may not: a kelvin sign is
    no k.
    """
    return text.lower() if text.isascii() else text.translate(_ASCII)


@dataclass(frozen=True, slots=True)
class ArmPath:
    """A request path. `complete` says that it names a resource; otherwise it names a collection."""

    text: str
    subscription: str
    group: str
    scope: str
    type: str
    names: tuple[str, ...]
    complete: bool
    well_formed: bool = True

    @property
    def key(self) -> str:
        return folded(self.text)

    @property
    def kind(self) -> str:
        """The type in lower case: what tables are keyed by."""
        return folded(self.type)

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else ""

    @property
    def parent(self) -> str:
        """The path without its last type and name (a child's parent)."""
        return self.text.rsplit("/", 2)[0]

    @property
    def namespace(self) -> str:
        return self.type.partition("/")[0]


def _own_type(parts: list[str]) -> ArmPath:
    """A path without providers: tenant, subscription, group, or one of their lists."""
    text = "/" + "/".join(parts) if parts else ""
    subscription = parts[1] if len(parts) > 1 else ""
    group = parts[3] if len(parts) > 3 else ""
    if len(parts) in {3, 4} and parts[2].lower() == "resourcegroups":
        scope = "/".join(["", *parts[:2]])
        return ArmPath(text, subscription, group, scope, GROUPS, tuple(parts[3:4]), len(parts) == 4)
    if len(parts) in {3, 5} and parts[-1].lower() == "resources":
        return ArmPath(text, subscription, group, text, RESOURCES, (), complete=False)
    if len(parts) == 4 and parts[2].lower() == "operationresults":
        return ArmPath(text, subscription, "", "", GROUP_OPERATIONS, (parts[3],), complete=True)
    if len(parts) == 3 and parts[2].lower() == "locations":
        return ArmPath(text, subscription, "", "", LOCATIONS, (), complete=False)
    if [part.lower() for part in parts] == ["metadata", "endpoints"]:
        return ArmPath(text, "", "", "", METADATA, (), complete=False)
    if [part.lower() for part in parts] == ["tenants"]:
        return ArmPath(text, "", "", "", TENANTS, (), complete=False)
    known = len(parts) <= 2 and (not parts or parts[0].lower() == "subscriptions")
    return ArmPath(text, subscription, "", "", SUBSCRIPTIONS, tuple(parts[1:2]), len(parts) == 2, known)


def _provided(parts: list[str], at: int) -> ArmPath:
    rest = parts[at + 2 :]
    subscription = parts[1] if parts[0].lower() == "subscriptions" and at > 1 else ""
    if not rest and (at == 0 or (at == 2 and subscription)):
        named = tuple(parts[at + 1 :])
        return ArmPath("/" + "/".join(parts), subscription, "", "", PROVIDERS, named, complete=bool(named))
    group = parts[3] if at > 3 and parts[2].lower() == "resourcegroups" else ""
    nested = sum(part.lower() == "resourcegroups" for part in parts[:at]) > 1
    return ArmPath(
        text="/" + "/".join(parts),
        subscription=subscription,
        group=group,
        scope="/" + "/".join(parts[:at]) if at else "",
        type="/".join([parts[at + 1] if len(parts) > at + 1 else "", *rest[::2]]),
        names=tuple(rest[1::2]),
        complete=bool(rest) and len(rest) % 2 == 0,
        well_formed=bool(rest) and not nested,
    )


@lru_cache(maxsize=65536)
def parse(raw: str) -> ArmPath:
    """Take a path apart. Encoded slashes count as slashes and empty segments vanish, as at the front door."""
    parts = [part for part in unquote(raw).split("/") if part]
    at = next((i for i in range(len(parts) - 1, -1, -1) if parts[i].lower() == "providers"), None)
    return _own_type(parts) if at is None else _provided(parts, at)


@lru_cache(maxsize=65536)
def root(resource_id: str) -> str:
    """The key (lower case) of the stored document that holds this id: its top-level resource."""
    parts = [part for part in folded(resource_id).split("/") if part]
    if "providers" not in parts:
        return "/" + "/".join(parts)
    at = parts.index("providers")
    return "/" + "/".join(parts[: at + 4])


def node_type(resource_id: str) -> str:
    """The type of the node an id names, lower case: `microsoft.network/virtualnetworks/subnets`."""
    return parse(resource_id).kind


def canonical(path: ArmPath, type_name: str, group: str) -> str:
    """The id in the canonical casing of its type, the group as first created."""
    if not path.subscription:
        return path.text
    namespace, *types = type_name.split("/")
    tail = "".join(f"/{kind}/{name}" for kind, name in zip(types, path.names, strict=True))
    where = f"/subscriptions/{path.subscription}"
    if path.group:
        where += f"/resourceGroups/{group}"
    return f"{where}/providers/{namespace}{tail}"
