"""What a person would type to make a write by hand. Shell-safe: everything foreign is quoted."""

import json
import shlex

from remediation.kinds import SECURITY_RULE
from remediation.model import Resource, ResourceId, Write

NETWORK_API = "2024-05-01"
DIAGNOSTICS_API = "2021-05-01-preview"


def for_write(write: Write) -> str:
    """One command line for the Azure CLI."""
    if write.method == "DELETE" and write.id.type == SECURITY_RULE and write.id.parent is not None:
        return words(
            "az network nsg rule delete",
            "--ids", write.id.text,
        )  # fmt: skip
    return rest(write.method.lower(), write.id, None if write.body is None else dict(write.body))


def rest(method: str, resource: ResourceId, body: object = None) -> str:
    """The write as `az rest`, exact to the property."""
    version = DIAGNOSTICS_API if "insights" in resource.type else NETWORK_API
    url = f"https://management.azure.com{resource.text}?api-version={version}"
    options = [] if body is None else ["--body", json.dumps(body, separators=(",", ":"))]
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
        "--api-version", NETWORK_API,
    )  # fmt: skip


def update(resource: ResourceId, *settings: str) -> str:
    """Change properties of a resource and keep the others: `update(host, "properties.enableIpConnect=true")`."""
    return words("az resource update", "--ids", resource.text, "--set", *settings)


def delete(resource: ResourceId) -> str:
    """Delete one resource by its id."""
    return words("az resource delete", "--ids", resource.text)


def words(command: str, *arguments: str) -> str:
    return " ".join([command, *(shlex.quote(argument) for argument in arguments)])
