"""Which deployed app is meant by `--app NAME_OR_GROUP`, and the settings that it works with.

The app is found as somebody at a desk names it: by the name of the function app, or by its resource group,
in the subscription that is given, else in those that whoever is signed in can see. Of its settings only those
are taken that say where its work lies: never its identity, since a person has their own, nor a webhook.
"""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from remediation.cli import az_profile
from remediation.errors import ForbiddenError, InputError, PermanentError
from remediation.judging.gathering import Reads
from remediation.kinds import DEPLOYMENT_VERSIONS, STORAGE_ACCOUNT, SUBSCRIPTION, WEB_SITE
from remediation.model import Listing, Resource
from remediation.plain import plain
from remediation.resource_id import ResourceId

PREFIX, GUARD = "func-guard-", "bastion-guard"
STORAGE = "AzureWebJobsStorage"
TAKEN = frozenset(
    {
        "SUBSCRIPTIONS", "BASELINE", "DRIFT_TOPIC_ENDPOINT", "DRIFT_TOPIC_KEY", "EVENT_SOURCE",
        "CHANGES_FROM", "EVENT_MARGIN_SECONDS", "CARD_DELAY_SECONDS", "DIGEST_ABOVE", "RETENTION_DAYS",
        "DEAD_LETTER_ENDPOINT", "DEAD_LETTER_CONTAINER", "HISTORY_ARCHIVE_CONTAINER", STORAGE,
        f"{STORAGE}__accountName", f"{STORAGE}__queueServiceUri", f"{STORAGE}__tableServiceUri",
        f"{STORAGE}__blobServiceUri",
    }
)  # fmt: skip
"""Settings of the app that hold at a desk as well."""
MAY_NOT = "whoever is signed in may not list its settings (Microsoft.Web/sites/config/list/action)"


class Azure(Reads, Protocol):
    """ARM, as far as an app is found and asked by it."""

    def ask(self, method: str, path: str, kind: str) -> Mapping[str, Any]: ...


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--app", metavar="NAME_OR_GROUP", help="the deployed app, by its own name or its resource group's"
    )
    parser.add_argument(
        "--app-subscription",
        metavar="ID",
        help="where the app is; AZURE_SUBSCRIPTION_ID, else what you are signed in to",
    )


def connect() -> Azure:
    """ARM as the engineer is signed in; ARM_ENDPOINT and ARM_STATIC_TOKEN lead to a lab instead."""
    from remediation.adapters.arm.cloud import ArmCloud
    from remediation.adapters.clock import SystemClock
    from remediation.adapters.credentials import credential
    from remediation.adapters.retrying import Retry

    endpoint = os.environ.get("ARM_ENDPOINT", "").strip() or "https://management.azure.com"
    identity = credential(endpoint=endpoint, static_token=os.environ.get("ARM_STATIC_TOKEN", "").strip())
    return ArmCloud(identity, endpoint=endpoint, retry=Retry(SystemClock()), versions=DEPLOYMENT_VERSIONS)


def subscriptions(cloud: Azure, given: str | None) -> Iterator[Sequence[str]]:
    """Where to look, in rounds: what is named, else the usual subscription, then all others."""
    named = given or os.environ.get("AZURE_SUBSCRIPTION_ID", "").strip()
    if named:
        yield [named]
        return
    usual = az_profile.chosen()
    if usual:
        yield [usual]
    every = cloud.ask("GET", "/subscriptions", SUBSCRIPTION).get("value") or ()
    ids = [str(one.get("subscriptionId")) for one in every if isinstance(one, Mapping)]
    yield [one for one in ids if one != usual]


def find(cloud: Azure, asked: str, rounds: Iterator[Sequence[str]]) -> ResourceId:
    """The function app of that name or in that group; raises InputError where it is not one and only one."""
    wanted = asked.strip().lower()
    looked_at: list[str] = []
    for round_ in rounds:
        found: list[ResourceId] = []
        for subscription in round_:
            looked_at.append(subscription)
            sites = cloud.list(Listing(WEB_SITE, f"/subscriptions/{subscription}"))
            found += [one.id for one in sites if _is_meant(one, wanted)]
        if len(found) > 1:
            names = ", ".join(sorted(plain(f"{one.resource_group}/{one.name}") for one in found))
            raise InputError(f"--app {asked}: more than one app is of this name or group: {names}")
        if found:
            return found[0]
    where = looked_at[0] if len(looked_at) == 1 else f"{len(looked_at)} subscriptions"
    raise InputError(
        f"--app {asked}: no function app of this name, and none of ours in a group of this name, in {where}"
        "; --app-subscription ID names another"
    )


def _is_meant(site: Resource, wanted: str) -> bool:
    if site.id.name.lower() == wanted:
        return True
    return site.id.resource_group.lower() == wanted and is_ours(site)


def is_ours(site: Resource) -> bool:
    return site.id.name.lower().startswith(PREFIX) or tagged(site)


def tagged(resource: Resource) -> bool:
    """Whether our template made it, whatever prefix its name has."""
    return (resource.body.get("tags") or {}).get("application") == GUARD


def settings(cloud: Azure, site: ResourceId) -> dict[str, str]:
    """The settings of an app that hold at a desk. Where they may not be listed, what its group shows."""
    try:
        answer = cloud.ask("POST", f"{site.text}/config/appsettings/list", WEB_SITE)
    except ForbiddenError:
        return _from_its_group(cloud, site)
    values = answer.get("properties")
    told = values if isinstance(values, Mapping) else {}
    return {str(name): str(value) for name, value in told.items() if name in TAKEN and value}


def _from_its_group(cloud: Azure, site: ResourceId) -> dict[str, str]:
    group = ResourceId.parse(site.text.partition("/providers/")[0])
    account = the_account(cloud, group)
    if account is None:
        raise PermanentError(f"{site.name}: {MAY_NOT}, and no storage account of ours is seen in its group")
    return {f"{STORAGE}__accountName": account}


def the_account(cloud: Reads, group: ResourceId) -> str | None:
    """The name of the app's storage account; None where it is not seen."""
    for one in cloud.list(Listing(STORAGE_ACCOUNT, group.text)):
        if one.id.name.startswith("stguard") or (tagged(one) and not one.id.name.startswith("stdead")):
            return one.id.name
    return None
