"""What a person would type to make a write by hand, in bash.

Everything foreign is quoted for bash, on one line of visible characters. People paste into other shells all
the same: cmd.exe knows no single quotes, and PowerShell takes curly ones for them. A command with what those
would run or replace is left out, and so is one in which the Azure CLI would take a name for an option of its
own or, by an @ in front, for a file to read and send. Descriptions are left out too: they are whole sentences
of somebody else's.
"""

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from remediation.kinds import NSG, SECURITY_RULE, api_version
from remediation.model import Fix, Json, NoFix, Resource, Write, dig
from remediation.resource_id import ResourceId

SHELL = "bash"
LEFT_OUT = "# a command is left out: a name in it holds what a shell could run"
_RUN_BY_CMD = frozenset("&|<>^%!")
_QUOTES_OF_POWERSHELL = frozenset("\u2018\u2019\u201a\u201b\u201c\u201d\u201e")
_RUN_ELSEWHERE = _RUN_BY_CMD | _QUOTES_OF_POWERSHELL
_OPTION = re.compile(r"--[a-z]+(-[a-z]+)*")


def for_write(write: Write, before: Json | None = None) -> str:
    """One command line for the Azure CLI; `before` is what the written id held, where that is known.

    A rule is written by the CLI's own verbs, and only what changes of it. Anything else is `az rest`.
    """
    if write.id.type == SECURITY_RULE and write.id.parent is not None:
        line = _rule_line(write, before)
        if line:
            return line
    # A whole group is the work of others too: it is written over the version that was read alone.
    version = write.if_match if write.id.type == NSG else None
    return rest(write.method.lower(), write.id, None if write.body is None else dict(write.body), version)


def for_fix(fix: Fix | NoFix | None) -> tuple[str, ...]:
    """What makes a fix by hand, none where there is no fix: one line, whose steps run or stop together.

    It begins with a look whether the first rule is still as it was read: what somebody has changed since is
    left as it is. All rules of a group have the group's version, so that one look is enough.
    """
    if not isinstance(fix, Fix) or not fix.writes:
        return ()
    held = {key.lower(): document for key, document in fix.before.items()}
    steps = [for_write(write, held.get(write.id.key)) for write in fix.writes]
    if LEFT_OUT in steps:
        return (LEFT_OUT,)
    guard = _unchanged(fix.writes[0])
    return (LEFT_OUT,) if guard == LEFT_OUT else (" && ".join([*([guard] if guard else []), *steps]),)


def _unchanged(write: Write) -> str:
    """The look whether a rule still has the version that was read; "" for what needs none or has none."""
    if write.id.type != SECURITY_RULE or not isinstance(write.if_match, str):
        return ""
    look = words("az network nsg rule show", "--ids", write.id.text, "--query", "etag", "--output", "tsv")
    same = words("", write.if_match)
    return LEFT_OUT if LEFT_OUT in {look, same} else f'test "$({look})" ={same}'


def _rule_line(write: Write, before: Json | None) -> str:
    """The verb of the CLI that makes a write of a rule; "" where it has none for it."""
    if write.method == "DELETE":
        return words("az network nsg rule delete", "--ids", write.id.text)
    after = dig(write.body, "properties")
    now = dig(before, "properties")
    if not isinstance(after, Mapping) or any(after.get(key) for key in _GROUPS_OF_MACHINES):
        return ""
    if not isinstance(now, Mapping):
        if write.if_match or write.id.parent is None or not _is_whole(after):
            return ""
        return create_rule(write.id.parent, write.id.name, after)
    if any(now.get(key) for key in _GROUPS_OF_MACHINES):
        return ""
    changed = [word for part in _PARTS if part(after) != part(now) for word in part(after)]
    return words("az network nsg rule update", "--ids", write.id.text, *changed) if changed else ""


def _is_whole(properties: Json) -> bool:
    """Whether a rule says all that a new one must."""
    return all(properties.get(key) for key in ("priority", "direction", "access", "protocol")) and all(
        _one_or_many(properties, *names) for _, *names in _SIDES
    )


def _part(option: str, singular: str, ending: str) -> Callable[[Json], list[str]]:
    def told(properties: Json) -> list[str]:
        return [option, *_one_or_many(properties, singular, ending)]

    return told


_GROUPS_OF_MACHINES = ("sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups")
_SIDES = (
    ("--source-address-prefixes", "sourceAddressPrefix", "es"),
    ("--source-port-ranges", "sourcePortRange", "s"),
    ("--destination-address-prefixes", "destinationAddressPrefix", "es"),
    ("--destination-port-ranges", "destinationPortRange", "s"),
)
_PARTS = tuple(
    _part(*names)
    for names in (
        *(("--priority", "priority", ""), ("--direction", "direction", "")),
        *(("--access", "access", ""), ("--protocol", "protocol", "")),
        *_SIDES,
    )
)


def rest(method: str, resource: ResourceId, body: object = None, version: str | None = None) -> str:
    """The write as `az rest`, exact but for descriptions; with a `version` only over that one."""
    url = f"https://management.azure.com{resource.text}?api-version={api_version(resource.type)}"
    options = [] if version is None else ["--headers", f"If-Match={version}"]
    options += [] if body is None else ["--body", json.dumps(_undescribed(body), separators=(",", ":"))]
    return words("az rest", "--method", method, "--url", url, *options)


def detach_public_ip(nic: Resource, configuration: str) -> str:
    """Take the public IP off one ip configuration of a NIC; the address itself is kept."""
    return words(
        "az network nic ip-config update",
        "--resource-group", nic.id.resource_group,
        "--nic-name", nic.id.name,
        "--name", configuration,
        "--remove", "publicIPAddress",
        "--subscription", nic.id.subscription,
    )  # fmt: skip


def attach_public_ip(nic: Resource, configuration: str, address: str) -> str:
    """Give one ip configuration of a NIC a public IP, in place of the one it has."""
    return words(
        "az network nic ip-config update",
        "--resource-group", nic.id.resource_group,
        "--nic-name", nic.id.name,
        "--name", configuration,
        "--public-ip-address", address,
        "--subscription", nic.id.subscription,
    )  # fmt: skip


def attach_nsg_to_nic(nic: ResourceId, nsg: str) -> str:
    """Put a network security group in front of a NIC."""
    return words("az network nic update", "--ids", nic.text, "--network-security-group", nsg)


def set_property(resource: ResourceId, path: str, value: str) -> str:
    """Change one property: the CLI reads the document and writes it back, too long to be typed out."""
    return words(
        "az resource update",
        "--ids", resource.text,
        "--set", f"{path}={value}",
        "--api-version", api_version(resource.type),
    )  # fmt: skip


def remove_properties(resource: ResourceId, paths: Sequence[str]) -> str:
    """Take properties away: the CLI reads the document and writes it back without them."""
    removals = [part for path in paths for part in ("--remove", path)]
    return words(
        "az resource update",
        "--ids", resource.text,
        *removals,
        "--api-version", api_version(resource.type),
    )  # fmt: skip


def remove_element(resource: ResourceId, path: str, place: int) -> str:
    """Take one element out of a list: the CLI reads the document and writes it back without it."""
    return words(
        "az resource update",
        "--ids", resource.text,
        "--remove", path, str(place),
        "--api-version", api_version(resource.type),
    )  # fmt: skip


def delete(resource: ResourceId) -> str:
    """Delete one resource by its id."""
    return words("az resource delete", "--ids", resource.text)


def create_nsg(nsg: ResourceId, location: str) -> str:
    """Make an empty network security group; without a location, where its resource group is."""
    return words(
        "az network nsg create",
        "--resource-group", nsg.resource_group,
        "--name", nsg.name,
        *(("--location", location) if location else ()),
        "--subscription", nsg.subscription,
    )  # fmt: skip


def create_rule(nsg: ResourceId, name: str, properties: Json) -> str:
    """Add a rule, given by the properties a PUT would have; ports and prefixes as lists or singly."""
    return words(
        "az network nsg rule create",
        "--resource-group", nsg.resource_group,
        "--nsg-name", nsg.name,
        "--name", name,
        *(word for part in _PARTS for word in part({"sourcePortRange": "*", **properties})),
        "--subscription", nsg.subscription,
    )  # fmt: skip


def narrow_sources(nsg: ResourceId, name: str, prefixes: Sequence[str]) -> str:
    """Bring a rule down to some sources; its ports, its name and its priority stay."""
    return words(
        "az network nsg rule update",
        "--ids", nsg.child("securityRules", name).text,
        "--source-address-prefixes", *prefixes,
    )  # fmt: skip


def attach_nsg(subnet: ResourceId, nsg: str) -> str:
    """Put a network security group in front of a subnet."""
    return words("az network vnet subnet update", "--ids", subnet.text, "--network-security-group", nsg)


def _one_or_many(properties: Json, singular: str, ending: str) -> list[str]:
    """What a rule says in either form; none where it says nothing."""
    one, many = properties.get(singular), properties.get(f"{singular}{ending}") if ending else ()
    there = [] if one in (None, "") else [str(one)]
    return [*there, *(str(text) for text in (many if isinstance(many, list | tuple) else ()))]


def words(command: str, *arguments: str) -> str:
    """A command line for bash; a remark in its place where another shell would run a part of it."""
    if not all(map(_is_harmless, arguments)):
        return LEFT_OUT
    return " ".join([command, *(shlex.quote(argument) for argument in arguments)])


def _is_harmless(argument: str) -> bool:
    """Whether no shell runs a part of an argument, and the CLI takes it for what it is."""
    if not argument.isprintable() or not _RUN_ELSEWHERE.isdisjoint(argument) or argument.startswith("@"):
        return False
    return not argument.startswith("-") or _OPTION.fullmatch(argument) is not None


def _undescribed(value: Any) -> Any:
    """A copy without descriptions, which say nothing to Azure."""
    if isinstance(value, Mapping):
        return {key: _undescribed(item) for key, item in value.items() if str(key).lower() != "description"}
    return [_undescribed(item) for item in value] if isinstance(value, list | tuple) else value
