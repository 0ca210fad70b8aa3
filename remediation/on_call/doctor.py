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

from remediation.errors import BastionGuardError, TransientError
from remediation.intake.routing import operations
from remediation.judging.gathering import Reads
from remediation.kinds import ROLE_ASSIGNMENT
from remediation.model import Listing, Resource, dig
from remediation.resource_id import ResourceId
from remediation.rules import registry

type State = Literal["good", "bad", "unknown"]

SITE = "Microsoft.Web/sites"
FUNCTIONS = (
    "on_resource_change", "reconcile", "on_drift", "send_cards", "sweep", "import_dead_letters",
    "replay", "history", "health",
)  # fmt: skip
CHANGES = "on_resource_change"
CARDS = "on_drift"
DRIFT_TOPIC = "evgt-drift-"
WEBHOOK = "TEAMS_WEBHOOK_URL"
OPERATION = ("stringin", "data.operationname")
"""The only filter that an event subscription to changes has: its operator and its key."""
HEARD = frozenset(f"Microsoft.Resources.Resource{what}Success" for what in ("Write", "Delete", "Action"))
PYTHON = "3.13"
SKEW = timedelta(minutes=5)  # beyond it tokens and leases go wrong
DEEP = 1000  # messages on a queue that is falling behind
PUBLISH = "sh infra/publish.sh"


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
        """Every check; an app that is not there, or not seen, ends them at once."""
        site = self._seen("app", lambda: self.cloud.get(self.patient.site), self._reader())
        if isinstance(site, Check):
            yield site
            return
        if site is None:
            text = f"there is no function app {self.patient.site.name} in {self.patient.site.resource_group}"
            yield Check("app", "bad", text, _provision())
            return
        yield from self._app(site)
        for name, ask, otherwise in self._questions(site):
            yield from self._guarded(name, ask, otherwise)

    def _questions(self, site: Resource) -> Iterator[tuple[str, Callable[[], Iterable[Check]], str]]:
        """Each with its name and with what to type where its answer cannot be seen."""
        reader, host = self._reader(), str(site.properties("defaultHostName"))
        yield "functions", self._functions, reader
        yield "health", partial(self._healthy, site), f"curl --verbose https://{host}/api/health"
        yield "webhook", partial(self._webhook, site), reader
        yield "announcements", partial(self._announcements, site), reader
        for one in self.patient.subscriptions:
            there = given("Reader", f"/subscriptions/{one}")
            yield f"events {one}", partial(self._events, one, site), there
            yield f"roles {one}", partial(self._roles, one, site), there
        counter = given("Storage Queue Data Reader", self._group())
        for queue in ("reconcile", "cards"):
            yield f"queue {queue}", partial(self._queue, queue), counter

    def _group(self) -> str:
        return self.patient.site.text.partition("/providers/")[0]

    def _reader(self) -> str:
        return given("Reader", self._group())

    def _app(self, site: Resource) -> Iterator[Check]:
        name, group = site.id.name, site.id.resource_group
        state = str(site.properties("state"))
        start = f"az functionapp start --name {name} --resource-group {group}"
        yield _either("app", state == "Running", f"{name} is {state.lower()}", start)
        version = str(dig(site.body, "properties", "functionAppConfig", "runtime", "version"))
        yield _either("python", version == PYTHON, f"the app runs on Python {version}", _provision(site))
        if not _principals(site):
            yield Check("identity", "bad", "the app has no user-assigned identity", _provision(site))

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

    def _webhook(self, site: Resource) -> Iterator[Check]:
        scope = f"{self.patient.site.text}/config/configreferences"
        references = self.cloud.list(Listing(f"{SITE}/config/appsettings", scope))
        found = next((one for one in references if one.id.name == WEBHOOK), None)
        if found is None:
            text = "no webhook is set: cards are written to the log"
            yield Check("webhook", "unknown", text, _provision(site, "teamsWebhookUrl=URL"))
            return
        status, vault = str(found.properties("status")), str(found.properties("vaultName") or "VAULT")
        store = f"az keyvault secret set --name teams-webhook-url --vault-name {vault} --value URL"
        yield _either(
            "webhook", status.lower() == "resolved", f"the reference to the vault is {status}", store
        )

    def _announcements(self, site: Resource) -> Iterator[Check]:
        """Whether what the app announces comes back to it, to become cards."""
        topics = self.cloud.list(Listing("Microsoft.EventGrid/topics", self._group()))
        drift = next((one for one in topics if one.id.name.startswith(DRIFT_TOPIC)), None)
        if drift is None:
            text = f"there is no drift topic {DRIFT_TOPIC}...: announcements have nowhere to go"
            yield Check("announcements", "bad", text, _provision(site))
            return
        kind = "Microsoft.EventGrid/topics/eventSubscriptions"
        ours = _leading_to(self.cloud.list(Listing(kind, drift.id.text)), self.patient.site, CARDS)
        problems = [problem for one in ours for problem in _broken(one)]
        if not ours:
            problems = [f"no event subscription of {drift.id.name} leads to {CARDS}: no cards are sent"]
        text = problems[0] if problems else "what the app announces comes back to it"
        yield _either("announcements", not problems, text, PUBLISH)

    def _events(self, subscription: str, site: Resource) -> Iterator[Check]:
        name = f"evgst-guard-{subscription}"
        scope = f"/subscriptions/{subscription}/resourceGroups/{self.patient.site.resource_group}"
        topic = ResourceId.parse(f"{scope}/providers/Microsoft.EventGrid/systemTopics/{name}")
        if self.cloud.get(topic) is None:
            text = f"there is no system topic {name}: nobody tells the app of changes"
            yield Check(f"events {subscription}", "bad", text, _provision(site))
            return
        kind = "Microsoft.EventGrid/systemTopics/eventSubscriptions"
        problems = list(_wrong_with(self.cloud.list(Listing(kind, topic.text)), self.patient.site))
        for problem in problems:
            yield Check(f"events {subscription}", "bad", problem, PUBLISH)
        if not problems:
            yield Check(f"events {subscription}", "good", "every operation is delivered once, to this app")

    def _roles(self, subscription: str, site: Resource) -> Iterator[Check]:
        scope, principals = f"/subscriptions/{subscription}", _principals(site)
        held: list[str] = []
        for assignment in self.cloud.list(Listing(ROLE_ASSIGNMENT, scope)):
            if str(assignment.properties("principalId")).lower() in principals and _holds(assignment, scope):
                role = self.cloud.get(ResourceId.parse(assignment.properties("roleDefinitionId")))
                held += [] if role is None else _actions(role)
        missing = [action for action in self.patient.observe if not _permits(held, action)]
        text = f"the app may not {', '.join(missing)}" if missing else "the app may read what it judges"
        yield _either(f"roles {subscription}", not missing, text, _provision(site))
        lacking = [action for action in self.patient.fix if not _permits(held, action)]
        enforcing = self._health is not None and self._health.body.get("mode") == "enforce"
        if enforcing and lacking:
            text = f"the baseline enforces, but the app may not {', '.join(lacking)}"
            yield Check(f"roles {subscription}", "bad", text, _provision(site, "mayFix=true"))

    def _queue(self, queue: str) -> Iterator[Check]:
        depth, poison = self.outside.depth(queue), self.outside.depth(f"{queue}-poison")
        look = "python -m remediation replay --poison --dry-run"
        yield _either(
            f"queue {queue}", depth < DEEP, f"{depth} messages wait", "see docs/runbook.md, old-messages"
        )
        if poison:
            yield Check(f"queue {queue}", "bad", f"{poison} messages were given up", look)

    def _guarded(self, name: str, ask: Callable[[], Iterable[Check]], otherwise: str) -> Iterator[Check]:
        found = self._seen(name, lambda: list(ask()), otherwise)
        yield from [found] if isinstance(found, Check) else found

    def _seen[T](self, name: str, ask: Callable[[], T], otherwise: str) -> T | Check:
        try:
            return ask()
        except BastionGuardError as error:
            return unseen(name, error, otherwise)


def unseen(name: str, error: BastionGuardError, otherwise: str) -> Check:
    """What could not be asked. `otherwise` mends it, unless nothing of Azure answers: then sign in."""
    silent = isinstance(error, TransientError) and name != "health"
    return Check(name, "unknown", f"could not be seen: {error}", "az login" if silent else otherwise)


def _leading_to(subscriptions: Sequence[Resource], site: ResourceId, function: str) -> list[Resource]:
    """The event subscriptions that deliver to a function of the app."""
    wanted = f"{site.key}/functions/{function}".lower()
    where = ("properties", "destination", "properties", "resourceId")
    return [one for one in subscriptions if str(dig(one.body, *where)).lower() == wanted]


def _broken(one: Resource) -> Iterator[str]:
    """What keeps an event subscription from delivering, or from keeping what it could not."""
    state = str(one.properties("provisioningState"))
    if state.lower() != "succeeded":
        yield f"event subscription {one.id.name} is {state}"
    if not (one.properties("deadLetterDestination") or one.properties("deadLetterWithResourceIdentity")):
        yield f"event subscription {one.id.name} has nowhere to put dead letters"


def _wrong_with(subscriptions: Sequence[Resource], site: ResourceId) -> Iterator[str]:
    """What keeps some event from arriving once at this app."""
    filtered: list[str] = []
    for one in _leading_to(subscriptions, site, CHANGES):
        yield from _broken(one)
        filters = dig(one.body, "properties", "filter") or {}
        if HEARD - set(filters.get("includedEventTypes") or HEARD):
            yield f"event subscription {one.id.name} leaves out kinds of events"
        for each in filters.get("advancedFilters") or ():
            if (str(each.get("operatorType")).lower(), str(each.get("key")).lower()) == OPERATION:
                filtered += [str(value).lower() for value in each.get("values") or ()]
            else:
                yield f"event subscription {one.id.name} filters by {each.get('key')} besides"
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


def _provision(site: Resource | None = None, parameter: str = "") -> str:
    """Phase one again, with the parameters of the deployment: one left out falls back to its default."""
    region = "REGION" if site is None else str(site.body.get("location")).replace(" ", "").lower()
    deploy = f"az deployment sub create --name guard --location {region} --template-file infra/main.bicep"
    return f"{deploy} --parameters @guard.parameters.json {parameter}".rstrip()


def given(role: str, scope: str) -> str:
    """What somebody with the right to give roles types for the person who asks."""
    return f'az role assignment create --assignee YOU --role "{role}" --scope {scope}'


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
