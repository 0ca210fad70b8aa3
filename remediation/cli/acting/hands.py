"""Whose hands do what is asked at a desk: the app's, over HTTP, or our own, with rights on its storage.

`--app` finds an app and goes over HTTP where people sign in to it: then nobody at a desk needs a right on the
app's storage or on what it repairs. Without `--app`, or where nobody signs in, the same core runs here.
"""

import argparse
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from remediation.cli import finding_app
from remediation.cli.on_call import desk
from remediation.errors import BastionGuardError, InputError, PermanentError
from remediation.kinds import WEB_SITE
from remediation.resource_id import ResourceId

if TYPE_CHECKING:
    from collections.abc import Callable

    from remediation.adapters.apps.deployed import DeployedApp
    from remediation.on_call.acting.verbs import Done
    from remediation.on_call.listing.pages import Place
    from remediation.on_call.tools import OnCall

AUTH = "config/authsettingsV2"


class NotDoneError(PermanentError):
    """A guard said no, or the finding is not what was shown: then `finding` is what it is now."""

    def __init__(self, why: str, finding: Mapping[str, Any] | None = None) -> None:
        self.finding = finding
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: a sentence, the finding in full as it is now, and the write if one was made."""

    done: str
    finding: Mapping[str, Any]
    write_id: str = ""
    accepted: bool = False


class Hands(Protocol):
    """Shows findings in full, as `GET /api/findings/{id}` does, and does what is asked.

    Both raise InputError for an id that is none, ForbiddenError without a right, NotDoneError, and what the
    app, its storage or Azure may raise.
    """

    def show(self, identity: str) -> Mapping[str, Any]: ...

    def ask(self, verb: str, identity: str, etag: str, body: Mapping[str, str]) -> Told: ...


def configure(parser: argparse.ArgumentParser) -> None:
    desk.configure(parser)


def chosen(args: argparse.Namespace) -> Hands:
    """The app's own, where it takes people's; else these."""
    return over_http(args) or OurHands(desk.tools(args))


def over_http(args: argparse.Namespace) -> Hands | None:
    """The hands of the app that `--app` names; None without it, or where nobody can sign in to it."""
    if not args.app or args.baseline:
        return None
    cloud = finding_app.connect()
    site = finding_app.find(cloud, args.app, finding_app.subscriptions(cloud, args.app_subscription))
    found = cloud.get(site)
    host = "" if found is None else str(found.properties("defaultHostName") or "")
    audience = _audience(cloud, site)
    return HandsOfTheApp(_connected(host, audience)) if host and audience else None


def _audience(cloud: finding_app.Azure, site: ResourceId) -> str:
    """For whom tokens of the app are; "" where nobody signs in to it, or that cannot be seen."""
    try:
        answer = cloud.ask("GET", f"{site.text}/{AUTH}", WEB_SITE)
    except PermanentError:
        return ""
    settings = _at(answer, "properties")
    if not _at(settings, "platform").get("enabled"):
        return ""
    entra = _at(settings, "identityProviders", "azureActiveDirectory")
    allowed = _at(entra, "validation").get("allowedAudiences")
    client = str(_at(entra, "registration").get("clientId") or "")
    return str(allowed[0]) if isinstance(allowed, list) and allowed else client


def _at(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        inner = document.get(key)
        document = inner if isinstance(inner, Mapping) else {}
    return document


def _connected(host: str, audience: str) -> "DeployedApp":
    from remediation.adapters.apps.deployed import DeployedApp
    from remediation.adapters.credentials import app_credential

    known = app_credential(host, os.environ.get("ARM_STATIC_TOKEN", "").strip())
    return DeployedApp(host, lambda: known.get_token(f"{audience.rstrip('/')}/.default").token)


class HandsOfTheApp:
    """The app does it, asked over HTTP in the name of whoever is signed in here."""

    def __init__(self, app: "DeployedApp") -> None:
        self._app = app

    def show(self, identity: str) -> Mapping[str, Any]:
        return self._app.get(f"findings/{_plain(identity)}")

    def ask(self, verb: str, identity: str, etag: str, body: Mapping[str, str]) -> Told:
        status, answer = self._app.post(_plain(identity), verb, body, etag, key=str(uuid.uuid4()))
        finding = answer.get("finding")
        if status in {409, 412} or not isinstance(finding, Mapping):
            raise NotDoneError(str(answer.get("detail") or "it was not done"), finding)
        return Told(str(answer["done"]), finding, str(answer.get("writeId") or ""), status == 202)


def _plain(identity: str) -> str:
    if not identity or not identity.isascii() or not identity.replace("-", "").isalnum():
        raise InputError(f"{identity[:80]!r}: not the id of a finding, as the card and the page show it")
    return identity


class OurHands:
    """The same core as the app's, run here: for who has rights on its storage, and on what is repaired."""

    def __init__(self, tools: "OnCall") -> None:
        from remediation.on_call.acting.caller import RIGHTS, Caller

        self._tools = tools
        name, object_id = desk.whoever(tools), _object_id()
        self._caller = Caller(name, object_id, frozenset(RIGHTS), at_desk=True)

    def show(self, identity: str) -> Mapping[str, Any]:
        return self._shown(self._tools.verbs(self._caller).place(identity))

    def ask(self, verb: str, identity: str, etag: str, body: Mapping[str, str]) -> Told:
        from remediation.app.people.changing import MADE, Asked
        from remediation.on_call.acting.refusals import ChangedSinceShownError, RefusedError

        asked = Asked(reason=body.get("reason", ""), exempt_for=body.get("exemptFor", ""))
        make: Callable[..., Done] = MADE[verb]
        try:
            done = make(self._tools.verbs(self._caller), identity, etag, asked)
        except ChangedSinceShownError as error:
            raise NotDoneError(str(error), self._shown(error.place)) from error
        except RefusedError as error:
            raise NotDoneError("; ".join([str(error), *error.lines])) from error
        return Told(done.sentence, self._shown(done.place), done.write_id, done.accepted)

    def _shown(self, place: "Place") -> Mapping[str, Any]:
        from remediation.app.people.reading import in_full

        return in_full(self._tools, self._caller, place)


def _object_id() -> str:
    """The Entra object id of whoever is signed in here; "" where nobody is, or the token names none."""
    from remediation.adapters.credentials import credential
    from remediation.adapters.person import object_id

    endpoint = os.environ.get("ARM_ENDPOINT", "").strip() or "https://management.azure.com"
    try:
        known = credential(endpoint=endpoint, static_token=os.environ.get("ARM_STATIC_TOKEN", "").strip())
    except BastionGuardError:
        return ""
    return object_id(known, f"{endpoint.rstrip('/')}/.default")
