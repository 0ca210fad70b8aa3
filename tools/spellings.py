"""How ARM spells the names of properties, taken from the SDK's models: `python -m tools.spellings [--check]`.

The models take seconds to import, so what is read of them stands in a module of its own: every name, those
that are numbers or yes and no wherever they stand, and the types in which a name is spelled otherwise than
in most. Names of other services, whose models we do not depend on, are listed here.
"""

import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from azure.mgmt.network import models

TARGET = Path(__file__).parents[1] / "remediation" / "estates" / "door" / "spellings.py"
WIDTH = 108
_WHOLE_NUMBER = frozenset({"<class 'int'>", "int"})
_YES_NO = frozenset({"<class 'bool'>", "bool"})

# What our rules read of Compute, Container Service, Insights, Security, Authorization, DNS and ARM itself.
OTHERS = """
id name type kind location tags etag sku zones identity managedBy plan extendedLocation systemData properties
instanceId tier family capacity provisioningState createdBy createdAt
osProfile linuxConfiguration disablePasswordAuthentication windowsConfiguration storageProfile osDisk osType
networkProfile networkInterfaces networkApiVersion networkInterfaceConfigurations virtualMachineProfile
virtualMachineScaleSet hardwareProfile securityProfile computerName adminUsername orchestrationMode
upgradePolicy publicIPAddressConfiguration publicIPAddressVersion primary ipConfigurations vmId hostName
agentPoolProfiles enableNodePublicIP nodePublicIPPrefixID nodePublicIPPrefixId vnetSubnetID podSubnetID
nodeResourceGroup networkPlugin apiServerAccessProfile enablePrivateCluster mode count vmSize scaleSetPriority
logs metrics category categoryGroup enabled retentionPolicy days workspaceId storageAccountId
eventHubAuthorizationRuleId eventHubName serviceBusRuleId marketplacePartnerId logAnalyticsDestinationType
virtualMachines requests ports number allowedSourceAddressPrefix allowedSourceAddressPrefixes
maxRequestAccessDuration endTimeUtc startTimeUtc requestor status statusReason mappedPort justification
principalId principalType roleDefinitionId scope condition conditionVersion delegatedManagedIdentityResourceId
level notes owners denyAssignmentName permissions notActions actions dataActions notDataActions principals
excludePrincipals doNotApplyToChildScopes isSystemProtected
policyAssignmentId policyDefinitionReferenceIds exemptionCategory expiresOn displayName metadata
virtualNetwork registrationEnabled virtualNetworkLinkState resolutionPolicy
virtualNetworkConfiguration subnetResourceId virtualNetworkType privateIPAddresses publicIPAddresses
"""  # fmt: skip

# Root models of the types whose documents we read, for names that two models spell in two ways.
ROOTS = {
    "microsoft.network/natgateways": "NatGateway",
    "microsoft.network/azurefirewalls": "AzureFirewall",
    "microsoft.network/loadbalancers": "LoadBalancer",
    "microsoft.network/privatelinkservices": "PrivateLinkService",
    "microsoft.network/networkinterfaces": "NetworkInterface",
    "microsoft.network/applicationgateways": "ApplicationGateway",
    "microsoft.network/bastionhosts": "BastionHost",
    "microsoft.network/publicipaddresses": "PublicIPAddress",
}


def classes() -> Iterator[tuple[str, type]]:
    for name in sorted(models.__all__):
        found = getattr(models, name)
        if isinstance(found, type) and hasattr(found, "_is_model"):
            yield name, found


def members(model: type) -> Iterator[tuple[str, str]]:
    """The names on the wire of a model with their annotations as text."""
    for cls in model.__mro__:
        for attribute, annotation in getattr(cls, "__annotations__", {}).items():
            field = cls.__dict__.get(attribute)
            wire = getattr(field, "_rest_name_input", None) or attribute
            if field is not None:
                yield str(wire), str(annotation)


def collected() -> tuple[Counter[str], dict[str, set[str]]]:
    """How often each name occurs, and what it is of, in all models."""
    seen: Counter[str] = Counter()
    kinds: dict[str, set[str]] = defaultdict(set)
    for _, model in classes():
        for wire, annotation in members(model):
            if "." not in wire and "@" not in wire:
                seen[wire] += 1
                kinds[wire.lower()].add(annotation.removeprefix("typing.Optional[").removesuffix("]"))
    return seen, kinds


def otherwise(usual: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(type, names) that the models a type's own document is made of spell otherwise than most."""
    known = dict(classes())
    for kind, root in ROOTS.items():
        names: set[str] = set()
        for part in _parts(known[root], known):
            names |= {wire for wire, _ in members(part) if usual.get(wire.lower(), wire) != wire}
        if names:
            yield kind, " ".join(sorted(names))


def _parts(root: type, known: dict[str, type]) -> Iterator[type]:
    """The models of a document: those below other resources are references, whose members do not count."""
    waiting, seen = [root], {root}
    while waiting:
        model = waiting.pop()
        yield model
        for _, annotation in members(model):
            for name in _named(annotation):
                part = known.get(name)
                if part is not None and part not in seen and not _is_resource(part):
                    seen.add(part)
                    waiting.append(part)


def _named(annotation: str) -> Iterable[str]:
    return [
        word.strip("[]'\"(),")
        for word in annotation.replace("_models.", " ").replace("ForwardRef", " ").split()
    ]


def _is_resource(model: type) -> bool:
    """Whether a model is a resource by itself, which other documents only refer to."""
    return {"location", "tags"} <= {wire for wire, _ in members(model)}


def module() -> str:
    """The generated module."""
    seen, kinds = collected()
    usual: dict[str, str] = {}
    for wire, _ in sorted(seen.items(), key=lambda item: (item[1], item[0])):
        usual[wire.lower()] = wire  # the most frequent spelling comes last
    for name in OTHERS.split():
        usual.setdefault(name.lower(), name)
    numbers = sorted(usual[name] for name, told in kinds.items() if told <= _WHOLE_NUMBER)
    flags = sorted(usual[name] for name, told in kinds.items() if told <= _YES_NO)
    texts = sorted(
        usual[name]
        for name, told in kinds.items()
        if told <= {"<class 'str'>", "str", "list[str", "list[str]"}
        and usual[name].lower().endswith(("port", "ports", "portrange", "portranges"))
    )
    odd = "".join(f'    "{kind}": "{names}",\n' for kind, names in otherwise(usual))
    return (
        '"""Names of properties as ARM spells them. Generated by `python -m tools.spellings`."""\n\n'
        f"NAMES = {_text(sorted(usual.values()))}\n\n"
        f"NUMBERS = {_text(numbers)}\n"
        '"""Names that are whole numbers wherever they stand."""\n\n'
        f"FLAGS = {_text(flags)}\n"
        '"""Names that are true or false wherever they stand."""\n\n'
        f"PORTS_AS_TEXT = {_text(texts)}\n"
        '"""Ports that ARM writes as text, alone or in lists."""\n\n'
        f"OTHERWISE = {{\n{odd}}}\n"
        '"""Types (lower case) whose documents spell some names otherwise than most."""\n'
    )


def _text(names: Iterable[str]) -> str:
    lines = textwrap.wrap(" ".join(names), WIDTH, break_long_words=False, break_on_hyphens=False)
    return '"""\n' + "\n".join(lines) + '\n"""'


def main(arguments: list[str]) -> int:
    """0 when the module is as generated, or was written."""
    text = module()
    if "--check" in arguments:
        same = TARGET.read_text(encoding="utf-8") == text
        sys.stdout.write(
            "" if same else f"{TARGET.name} is not what the models say: python -m tools.spellings\n"
        )
        return int(not same)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
