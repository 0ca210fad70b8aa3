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
from collections.abc import Mapping, Sequence
from typing import Any

from remediation.kinds import NSG, SECURITY_RULE, api_version
from remediation.model import Fix, Json, NoFix, Resource, Write
from remediation.resource_id import ResourceId

SHELL = "bash"
LEFT_OUT = "# a command is left out: a name in it holds what a shell could run"
_RUN_BY_CMD = frozenset("&|<>^%!")
_QUOTES_OF_POWERSHELL = frozenset("\u2018\u2019\u201a\u201b\u201c\u201d\u201e")
_RUN_ELSEWHERE = _RUN_BY_CMD | _QUOTES_OF_POWERSHELL
_OPTION = re.compile(r"--[a-z]+(-[a-z]+)*")


def for_write(write: Write) -> str:
    """One command line for the Azure CLI."""
    if write.method == "DELETE" and write.id.type == SECURITY_RULE and write.id.parent is not None:
        return words(
            "az network nsg rule delete",
            "--ids", write.id.text,
        )  # fmt: skip
    # A whole group is the work of others too: it is written over the version that was read alone.
    version = write.if_match if write.id.type == NSG else None
    return rest(write.method.lower(), write.id, None if write.body is None else dict(write.body), version)


def for_fix(fix: Fix | NoFix | None) -> tuple[str, ...]:
    """The command lines that make a fix by hand; none where there is no fix."""
    return tuple(for_write(write) for write in fix.writes) if isinstance(fix, Fix) else ()


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
    """Make an empty network security group."""
    return words(
        "az network nsg create",
        "--resource-group", nsg.resource_group,
        "--name", nsg.name,
        "--location", location,
        "--subscription", nsg.subscription,
    )  # fmt: skip


def create_rule(nsg: ResourceId, name: str, properties: Json) -> str:
    """Add a rule, given by the properties a PUT would have; ports and prefixes as lists or singly."""
    return words(
        "az network nsg rule create",
        "--resource-group", nsg.resource_group,
        "--nsg-name", nsg.name,
        "--name", name,
        "--priority", str(properties["priority"]),
        "--direction", properties["direction"],
        "--access", properties["access"],
        "--protocol", properties["protocol"],
        "--source-address-prefixes", *_one_or_many(properties, "sourceAddressPrefix", "es"),
        "--source-port-ranges", "*",
        "--destination-address-prefixes", *_one_or_many(properties, "destinationAddressPrefix", "es"),
        "--destination-port-ranges", *_one_or_many(properties, "destinationPortRange", "s"),
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
    many = properties.get(f"{singular}{ending}")
    return [str(text) for text in many] if many else [str(properties[singular])]


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
