"""Whether a deployed app can do its work, seen from outside; each answer in plain words, with what mends it.

Everything comes through three narrow ports: ARM's documents, the app's own health page, the depth of its
queues. What cannot be seen is unknown, with the reason; it is never taken for good.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Literal, Protocol

from remediation.errors import BastionGuardError
from remediation.gathering import Reads
from remediation.kinds import ROLE_ASSIGNMENT
from remediation.model import Listing, Resource, ResourceId, dig
from remediation.routing import operations
from remediation.rules import registry

type State = Literal["good", "bad", "unknown"]

SITE = "Microsoft.Web/sites"
FUNCTIONS = ("on_resource_change", "reconcile", "on_drift", "send_cards", "sweep", "replay", "health")
CHANGES = "on_resource_change"
CARDS = "on_drift"
WEBHOOK = "TEAMS_WEBHOOK_URL"
PYTHON = "3.13"
SKEW = timedelta(minutes=5)  # beyond it tokens and leases go wrong
DEEP = 1000  # messages on a queue that is falling behind
PUBLISH = "sh infra/publish.sh"
API_VERSIONS = {
    "microsoft.web/sites": "2025-03-01",
    "microsoft.web/sites/functions": "2025-03-01",
    "microsoft.web/sites/config/appsettings": "2025-03-01",
    "microsoft.eventgrid/systemtopics": "2025-02-15",
    "microsoft.eventgrid/systemtopics/eventsubscriptions": "2025-02-15",
    "microsoft.eventgrid/topics": "2025-02-15",
    "microsoft.eventgrid/topics/eventsubscriptions": "2025-02-15",
    "microsoft.authorization/roledefinitions": "2022-04-01",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. `command` is what to type where something is to be mended."""

    name: str
    state: State
    text: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What the health page answered, and the moment its server says it is."""

    status: int
    body: Mapping[str, Any]
    date: datetime | None = None


class Outside(Protocol):
    """What is not ARM."""

    def health(self, host: str) -> Health: ...

    def depth(self, queue: str) -> int: ...

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: the app, the subscriptions it should watch, and the roles it should have."""

    site: ResourceId
    subscriptions: Sequence[str]
    observe: Sequence[str]
    fix: Sequence[str]


@dataclass(slots=True)
class Doctor:
    """Asks the questions in the order in which one thing depends on another."""

    cloud: Reads
    outside: Outside
    patient: Patient
    _health: Health | None = field(default=None, init=False)

    def checks(self) -> Iterator[Check]:
        """Every check; an app that is not there ends them at once."""
        site = self._seen("app", lambda: self.cloud.get(self.patient.site))
        if isinstance(site, Check):
            yield site
            return
        if site is None:
            deploy = "az deployment sub create --template-file infra/main.bicep ..."
            yield Check("app", "bad", f"there is no function app {self.patient.site.name}", deploy)
            return
        yield from self._app(site)
        yield from self._guarded("functions", self._functions)
        yield from self._guarded("health", partial(self._healthy, site))
        yield from self._guarded("webhook", self._webhook)
        for subscription in self.patient.subscriptions:
            yield from self._guarded(f"events {subscription}", partial(self._events, subscription))
            roles = partial(self._roles, subscription, _principals(site))
            yield from self._guarded(f"roles {subscription}", roles)
        for queue in ("reconcile", "cards"):
            yield from self._guarded(f"queue {queue}", partial(self._queue, queue))

    def _app(self, site: Resource) -> Iterator[Check]:
        name, group = site.id.name, site.id.resource_group
        state = str(site.properties("state"))
        start = f"az functionapp start --name {name} --resource-group {group}"
        yield _either("app", state == "Running", f"{name} is {state.lower()}", start)
        version = str(dig(site.body, "properties", "functionAppConfig", "runtime", "version"))
        yield _either("python", version == PYTHON, f"the app runs on Python {version}", _provision())
        if not _principals(site):
            yield Check("identity", "bad", "the app has no user-assigned identity", _provision())

    def _functions(self) -> Iterator[Check]:
        listed = self.cloud.list(Listing(f"{SITE}/functions", self.patient.site.text))
        there = {resource.id.name.rpartition("/")[2] for resource in listed}
        missing = [name for name in FUNCTIONS if name not in there]
        text = f"missing: {', '.join(missing)}" if missing else f"{len(there)} functions are indexed"
        yield _either("functions", not missing, text, PUBLISH)

    def _healthy(self, site: Resource) -> Iterator[Check]:
        health = self._health = self.outside.health(str(site.properties("defaultHostName")))
        mistakes = [str(each) for each in health.body.get("errors") or ()]
        restart = f"az functionapp restart --name {site.id.name} --resource-group {site.id.resource_group}"
        if health.status != 200:
            for mistake in mistakes or [f"the health page answers {health.status}"]:
                yield Check("settings", "bad", mistake, _mending(mistake, site) or restart)
        else:
            yield Check("settings", "good", f"settings and baseline are good; mode {health.body.get('mode')}")
            yield from self._versions(health)
        if health.date is not None:
            skew = abs(self.outside.now() - health.date)
            text = f"the app's clock and yours differ by {skew.total_seconds():.0f} seconds"
            yield _either("clock", skew <= SKEW, text, "sudo timedatectl set-ntp true")

    def _versions(self, health: Health) -> Iterator[Check]:
        there, here = health.body.get("rules"), len(registry())
        text = f"the app has {there} rules, this checkout {here}"
        yield _either("version", there == here, text, f"make package && {PUBLISH}")
        watched = health.body.get("subscriptions")
        asked = len(self.patient.subscriptions)
        if watched != asked:
            text = f"the app watches {watched} subscriptions, you asked about {asked}"
            yield Check("subscriptions", "unknown", text, "name each with --subscription")

    def _webhook(self) -> Iterator[Check]:
        scope = f"{self.patient.site.text}/config/configreferences"
        references = self.cloud.list(Listing(f"{SITE}/config/appsettings", scope))
        found = {resource.id.name: str(resource.properties("status")) for resource in references}
        if WEBHOOK not in found:
            text = "no webhook is set: cards are written to the log"
            yield Check("webhook", "unknown", text, "deploy main.bicep with teamsWebhookUrl")
            return
        status = found[WEBHOOK]
        store = "az keyvault secret set --name teams-webhook-url --vault-name VAULT --value URL"
        yield _either(
            "webhook", status.lower() == "resolved", f"the reference to the vault is {status}", store
        )

    def _events(self, subscription: str) -> Iterator[Check]:
        name = f"evgst-guard-{subscription}"
        scope = f"/subscriptions/{subscription}/resourceGroups/{self.patient.site.resource_group}"
        topic = ResourceId.parse(f"{scope}/providers/Microsoft.EventGrid/systemTopics/{name}")
        if self.cloud.get(topic) is None:
            text = f"there is no system topic {name}: nobody tells the app of changes"
            yield Check(f"events {subscription}", "bad", text, _provision())
            return
        kind = "Microsoft.EventGrid/systemTopics/eventSubscriptions"
        for problem in _wrong_with(self.cloud.list(Listing(kind, topic.text)), self.patient.site):
            yield Check(f"events {subscription}", "bad", problem, PUBLISH)
            return
        yield Check(f"events {subscription}", "good", "every operation is delivered once, to this app")

    def _roles(self, subscription: str, principals: frozenset[str]) -> Iterator[Check]:
        scope = f"/subscriptions/{subscription}"
        held: list[str] = []
        for assignment in self.cloud.list(Listing(ROLE_ASSIGNMENT, scope)):
            if str(assignment.properties("principalId")).lower() in principals and _holds(assignment, scope):
                role = self.cloud.get(ResourceId.parse(assignment.properties("roleDefinitionId")))
                held += [] if role is None else _actions(role)
        missing = [action for action in self.patient.observe if not _permits(held, action)]
        text = f"the app may not {', '.join(missing)}" if missing else "the app may read what it judges"
        yield _either(f"roles {subscription}", not missing, text, _provision())
        lacking = [action for action in self.patient.fix if not _permits(held, action)]
        enforcing = self._health is not None and self._health.body.get("mode") == "enforce"
        if enforcing and lacking:
            text = f"the baseline enforces, but the app may not {', '.join(lacking)}"
            yield Check(f"roles {subscription}", "bad", text, _provision("mayFix=true"))

    def _queue(self, queue: str) -> Iterator[Check]:
        depth, poison = self.outside.depth(queue), self.outside.depth(f"{queue}-poison")
        look = "python -m remediation replay --poison --dry-run"
        yield _either(
            f"queue {queue}", depth < DEEP, f"{depth} messages wait", "see docs/runbook.md, old-messages"
        )
        if poison:
            yield Check(f"queue {queue}", "bad", f"{poison} messages were given up", look)

    def _guarded(self, name: str, ask: Callable[[], Iterable[Check]]) -> Iterator[Check]:
        found = self._seen(name, lambda: list(ask()))
        yield from [found] if isinstance(found, Check) else found

    def _seen[T](self, name: str, ask: Callable[[], T]) -> T | Check:
        try:
            return ask()
        except BastionGuardError as error:
            return Check(name, "unknown", f"could not be seen: {error}", "az login, or ask for Reader")


def _wrong_with(subscriptions: Sequence[Resource], site: ResourceId) -> Iterator[str]:
    """What keeps some event from arriving once at this app."""
    filtered: list[str] = []
    for one in subscriptions:
        endpoint = str(dig(one.body, "properties", "destination", "properties", "resourceId"))
        if endpoint.lower() != f"{site.key}/functions/{CHANGES}":
            continue
        state = str(one.properties("provisioningState"))
        if state.lower() != "succeeded":
            yield f"event subscription {one.id.name} is {state}"
        if not (one.properties("deadLetterDestination") or one.properties("deadLetterWithResourceIdentity")):
            yield f"event subscription {one.id.name} has nowhere to put dead letters"
        for each in dig(one.body, "properties", "filter", "advancedFilters") or ():
            filtered += [str(value).lower() for value in each.get("values") or ()]
    missing = sorted(operations() - set(filtered))
    if missing:
        yield f"no event subscription to {CHANGES} filters for {', '.join(missing[:3])}" + _more(missing[3:])
    twice = sorted({value for value in filtered if filtered.count(value) > 1})
    if twice:
        yield f"these arrive twice: {', '.join(twice[:3])}" + _more(twice[3:])


def _more(rest: Sequence[str]) -> str:
    return f" and {len(rest)} more" if rest else ""


def _either(name: str, good: bool, text: str, command: str) -> Check:
    return Check(name, "good", text) if good else Check(name, "bad", text, command)


def _provision(parameter: str = "") -> str:
    return f"az deployment sub create --template-file infra/main.bicep ... {parameter}".rstrip()


def _mending(mistake: str, site: Resource) -> str:
    """How to set a setting that a mistake names; the others are about the baseline."""
    if not mistake.startswith("setting "):
        return ""
    name = mistake.removeprefix("setting ").partition(":")[0]
    where = f"--name {site.id.name} --resource-group {site.id.resource_group}"
    return f"az functionapp config appsettings set {where} --settings {name}=VALUE"


def _principals(site: Resource) -> frozenset[str]:
    """Object ids of the identities of an app."""
    identities = dig(site.body, "identity", "userAssignedIdentities") or {}
    return frozenset(str(each.get("principalId")).lower() for each in identities.values())


def _holds(assignment: Resource, scope: str) -> bool:
    """Whether an assignment holds for all of a subscription."""
    named = str(assignment.properties("scope") or "").lower()
    return not named.startswith("/subscriptions/") or named.rstrip("/") == scope.lower()


def _actions(role: Resource) -> list[str]:
    permissions = role.properties("permissions") or ()
    return [str(action) for each in permissions for action in each.get("actions") or ()]


def _permits(held: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in held)
