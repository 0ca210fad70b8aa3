"""What the platform says of the app's references to its vault, and what mends each.

The statuses are those of the SDK (azure-mgmt-web, `ResolveStatus`). What they mean is told where their name
leaves no doubt; of any other the word stands as it came, with the details that the platform gives.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.landing_zone.commands import words
from remediation.model import Resource
from remediation.on_call.checkup import doors
from remediation.on_call.checkup.answers import Check
from remediation.plain import clipped, plain

DENIED = "accesstokeyvaultdenied"
MEANS: Mapping[str, str] = {
    "invalidsyntax": "it is not written as the platform reads one",
    "msinotenabled": "the app has no identity to ask with",
    "vaultnotfound": "the app finds no such vault",
    "secretnotfound": "there is no such secret in the vault",
    "secretversionnotfound": "there is no such version of the secret",
    DENIED: "the vault does not let the app in",
    "fetchtimedout": "the vault did not answer in time",
}
NO_SECRET = frozenset({"secretnotfound", "secretversionnotfound"})
AS_DEPLOYED = frozenset({"invalidsyntax", "msinotenabled", "vaultnotfound"})
"""What the templates set up; deploying them again mends it."""
MOST_DETAILS = 200


@dataclass(frozen=True, slots=True)
class Around:
    """What a reference rests on: the app, its principals, how its templates are deployed, and its vaults."""

    site: Resource
    principals: Collection[str]
    deploy: str
    vaults: Callable[[], Sequence[Resource]]


def checks(references: Sequence[Resource], webhook: str, around: Around) -> Iterator[Check]:
    """The one webhook's reference, and every other that is not resolved."""
    for one in references:
        name = "webhook" if one.id.name == webhook else f"secret {one.id.name}"
        if _status(one) != "resolved":
            yield _unresolved(name, one, around)
        elif one.id.name == webhook:
            yield Check(name, "good", "the reference to the vault is Resolved")


def _unresolved(name: str, reference: Resource, around: Around) -> Check:
    status = _status(reference)
    vault = _vault(reference, around) if status == DENIED else None
    shut = "" if vault is None else doors.shut(vault)
    said = f"the reference to the vault is {plain(reference.properties('status'))}"
    means = f"{shut}, perhaps by a policy ({doors.PAGE})" if shut else MEANS.get(status, "")
    details = clipped(plain(reference.properties("details") or ""), MOST_DETAILS)
    text = ": ".join(filter(None, (said, means, details)))
    if vault is not None and shut:
        return Check(name, "bad", text, doors.opened(vault))
    return Check(name, "bad", text, _mending(status, reference, vault, around))


def _mending(status: str, reference: Resource, vault: Resource | None, around: Around) -> str:
    """What to type; a restart has the platform ask the vault anew."""
    if status in NO_SECRET:
        secret = str(reference.properties("secretName") or "SECRET")
        where = str(reference.properties("vaultName") or "VAULT")
        return words("az keyvault secret set", "--name", secret, "--vault-name", where, "--value", "VALUE")
    if status in AS_DEPLOYED:
        return around.deploy
    if status == DENIED and vault is not None and around.principals:
        who = (
            "--assignee-object-id",
            min(around.principals),
            "--assignee-principal-type",
            "ServicePrincipal",
        )
        return words(
            "az role assignment create", "--role", "Key Vault Secrets User", *who, "--scope", vault.id.text
        )
    site = around.site.id
    return words("az functionapp restart", "--name", site.name, "--resource-group", site.resource_group)


def _vault(reference: Resource, around: Around) -> Resource | None:
    """The vault of a reference, if it is one of the app's group; None where it is not seen."""
    wanted = str(reference.properties("vaultName") or "").lower()
    return next((one for one in around.vaults() if one.id.name.lower() == wanted), None)


def _status(reference: Resource) -> str:
    return str(reference.properties("status")).lower()
