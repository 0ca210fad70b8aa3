"""Whether a deployed app can do its work, seen from outside; each answer in plain words, with what mends it.

Everything comes through three narrow ports: ARM's documents, the app's own health page, the depth of its
queues. What cannot be seen is unknown, with the reason; it is never taken for good.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from remediation.errors import BastionGuardError, TransientError
from remediation.judging.gathering import Reads
from remediation.kinds import KEY_VAULT, ROLE_ASSIGNMENT, STORAGE_ACCOUNT, TOPIC
from remediation.model import Listing, Resource, dig
from remediation.on_call.checkup import doors, references
from remediation.on_call.checkup.answers import SETTING, Check, Health, conditions, mistakes_of, standing
from remediation.on_call.deliveries import SYSTEM_TOPIC, broken, leading_to, topic_of, wrong_with
from remediation.on_call.rights.held import actions_of, holds_for, permits_any, principals_of
from remediation.on_call.rights.holders import holders, principals_of_topics, told
from remediation.on_call.rights.log_rights import without_log_rights
from remediation.on_call.rights.other_guards import OtherGuards
from remediation.resource_id import ResourceId
from remediation.rules import registry

SITE = "Microsoft.Web/sites"
FUNCTIONS = (
    "on_resource_change", "reconcile", "neighbourhood", "on_drift", "send_cards", "sweep",
    "import_dead_letters", "look_after", "fetch_changes", "check_baseline", "replay", "history",
    "findings", "finding", "act", "me", "summary", "openapi", "key", "board",
    "exemptions", "change_exemption", "health", "health_details",
)  # fmt: skip
CARDS = "on_drift"
DRIFT_TOPIC = "evgt-"
KEY = "BASTION_GUARD_KEY"
WEBHOOK = "TEAMS_WEBHOOK_URL"
PYTHON = "3.13"
SKEW = timedelta(minutes=5)  # beyond it tokens and leases go wrong
DEEP = 1000  # messages on a queue that is falling behind
PUBLISH = "sh infra/publish.sh"


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
    logs: Sequence[str] = ()


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
        yield "network", partial(self._doors, site), reader
        for one in self.patient.subscriptions:
            there = given("Reader", f"/subscriptions/{one}")
            yield f"events {one}", partial(self._events, one, site), there
            yield f"roles {one}", partial(self._roles, one, site), there
            yield f"logs {one}", partial(self._logs, one, site), there
            yield f"guards {one}", OtherGuards(self.cloud, site, one, there).checks, there
        yield "holders", partial(self._holders, site), reader
        counter = given("Storage Queue Data Reader", self._group())
        for queue in ("reconcile", "neighbourhood", "cards"):
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
        if not principals_of(site):
            yield Check("identity", "bad", "the app has no user-assigned identity", _provision(site))

    def _functions(self) -> Iterator[Check]:
        listed = self.cloud.list(Listing(f"{SITE}/functions", self.patient.site.text))
        there = {resource.id.name.rpartition("/")[2] for resource in listed}
        missing = [name for name in FUNCTIONS if name not in there]
        text = f"missing: {', '.join(missing)}" if missing else f"{len(there)} functions are indexed"
        yield _either("functions", not missing, text, PUBLISH)

    def _healthy(self, site: Resource) -> Iterator[Check]:
        health = self._health = self.outside.health(str(site.properties("defaultHostName")))
        mistakes = list(mistakes_of(health.body))
        restart = f"az functionapp restart --name {site.id.name} --resource-group {site.id.resource_group}"
        if health.status != 200:
            for mistake in mistakes:
                yield Check("settings", "bad", mistake, _mending(mistake, site) or restart)
            if not mistakes:
                yield self._unnamed(health, restart)
        else:
            wrong = [mistake for mistake in mistakes if mistake.startswith(SETTING)]
            unusable = [Check("settings", "bad", one, _mending(one, site) or restart) for one in wrong]
            told = [*unusable, *standing(health), *self._versions(health), *conditions(health)]
            yield from told
            if health.body.get("status") == "degraded" and all(check.state == "good" for check in told):
                text = "the app is degraded: a stop, or something else that is told with the key alone"
                yield Check("health", "unknown", text, self._with_key())
        if health.date is not None:
            skew = abs(self.outside.now() - health.date)
            text = f"the app's clock and yours differ by {skew.total_seconds():.0f} seconds"
            yield _either("clock", skew <= SKEW, text, "sudo timedatectl set-ntp true")

    def _unnamed(self, health: Health, restart: str) -> Check:
        """A bad answer that names no mistake: without the key only their number is told."""
        if health.status == 401:
            return Check("settings", "unknown", f"the key in {KEY} is not the app's", self._with_key())
        word, count = health.body.get("status"), health.body.get("mistakes")
        if not isinstance(count, int):
            return Check("settings", "bad", f"the health page answers {health.status}", restart)
        return Check("settings", "bad", f"the app is {word}: {count} mistakes", self._with_key())

    def _with_key(self) -> str:
        """How to be told what only those with the function key are told."""
        name, group = self.patient.site.name, self.patient.site.resource_group
        ask = f"az functionapp keys list --name {name} --resource-group {group} --query functionKeys.default"
        return f'{KEY}="$({ask} --output tsv)" python -m remediation doctor --resource-group {group}'

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
        found = self.cloud.list(Listing(f"{SITE}/config/appsettings", scope))
        around = references.Around(site, principals_of(site), _provision(site), self._vaults)
        yield from references.checks(found, WEBHOOK, around)
        if all(one.id.name != WEBHOOK for one in found):
            text = "no webhook is set: cards are written to the log"
            yield Check("webhook", "unknown", text, _provision(site, "teamsWebhookUrl=URL"))

    def _vaults(self) -> Sequence[Resource]:
        """The vaults of the app's group, none where they may not be seen."""
        try:
            return self.cloud.list(Listing(KEY_VAULT, self._group()))
        except BastionGuardError:
            return ()

    def _doors(self, site: Resource) -> Iterator[Check]:
        """Whether a policy closed what the app sends to."""
        kinds = (STORAGE_ACCOUNT, TOPIC)
        there = [one for kind in kinds for one in self.cloud.list(Listing(kind, self._group()))]
        yield from doors.checks(there, site)

    def _announcements(self, site: Resource) -> Iterator[Check]:
        """Whether what the app announces comes back to it, to become cards."""
        if _closed(site):
            yield Check(
                "announcements", "good", "nothing comes back to a closed app: cards are sent directly"
            )
            return
        topics = self.cloud.list(Listing("Microsoft.EventGrid/topics", self._group()))
        drift = next((one for one in topics if one.id.name.startswith(DRIFT_TOPIC)), None)
        if drift is None:
            text = f"there is no drift topic {DRIFT_TOPIC}...: with driftTopic=false cards are sent directly"
            yield Check("announcements", "unknown", text, _provision(site, "driftTopic=true"))
            return
        kind = "Microsoft.EventGrid/topics/eventSubscriptions"
        ours = leading_to(self.cloud.list(Listing(kind, drift.id.text)), self.patient.site, CARDS)
        problems = [problem for one in ours for problem in broken(one)]
        if not ours:
            problems = [f"no event subscription of {drift.id.name} leads to {CARDS}: no cards are sent"]
        text = problems[0] if problems else "what the app announces comes back to it"
        yield _either("announcements", not problems, text, PUBLISH)

    def _events(self, subscription: str, site: Resource) -> Iterator[Check]:
        if _closed(site):
            yield Check(
                f"events {subscription}", "good", "nothing is delivered to a closed app: it fetches changes"
            )
            return
        topic = topic_of(self.cloud, subscription)
        if topic is None:
            text = f"there is no system topic of {subscription}: nobody tells the app of changes"
            yield Check(f"events {subscription}", "bad", text, _provision(site))
            return
        kind = f"{SYSTEM_TOPIC}/eventSubscriptions"
        problems = list(wrong_with(self.cloud.list(Listing(kind, topic.text)), self.patient.site))
        for problem in problems:
            yield Check(f"events {subscription}", "bad", problem, PUBLISH)
        if not problems:
            yield Check(f"events {subscription}", "good", "every operation is delivered once, to this app")

    def _roles(self, subscription: str, site: Resource) -> Iterator[Check]:
        scope, principals = f"/subscriptions/{subscription}", principals_of(site)
        held: list[str] = []
        for assignment in self.cloud.list(Listing(ROLE_ASSIGNMENT, scope)):
            if str(assignment.properties("principalId")).lower() in principals and holds_for(
                assignment, scope
            ):
                role = self.cloud.get(ResourceId.parse(assignment.properties("roleDefinitionId")))
                held += [] if role is None else actions_of(role)
        missing = [action for action in self.patient.observe if not permits_any(held, action)]
        text = f"the app may not {', '.join(missing)}" if missing else "the app may read what it judges"
        yield _either(f"roles {subscription}", not missing, text, _provision(site))
        lacking = [action for action in self.patient.fix if not permits_any(held, action)]
        mode = None if self._health is None else self._health.body.get("mode")
        if self._health is not None and self._health.status == 200 and mode is None and lacking:
            text = "whether the baseline enforces is told with the key alone; the app may not repair"
            yield Check(f"roles {subscription}", "unknown", text, self._with_key())
        if self._enforcing() and lacking:
            text = f"the baseline enforces, but the app may not {', '.join(lacking)}"
            yield Check(f"roles {subscription}", "bad", text, _provision(site, "mayFix=true"))

    def _enforcing(self) -> bool:
        return self._health is not None and self._health.body.get("mode") == "enforce"

    def _logs(self, subscription: str, site: Resource) -> Iterator[Check]:
        """Where hosts are whose logs the app may not switch on again; that may be as it is meant to be."""
        if not self._enforcing():
            return
        lacking = without_log_rights(self.cloud, subscription, principals_of(site), self.patient.logs)
        if lacking:
            text = f"the app may not put diagnostic settings back in {', '.join(lacking)}"
            yield Check(f"logs {subscription}", "unknown", text, _provision(site, "logGroups=IDS"))

    def _holders(self, site: Resource) -> Iterator[Check]:
        """Who else is the app. Whether that is meant only people can say: good if nobody is, else unknown."""
        group = ResourceId.parse(self._group())
        lines = told(
            holders(self.cloud, group, principals_of(site) | principals_of_topics(self.cloud, group))
        )
        shown = f"az role assignment list --include-inherited --scope {group.text} --output table"
        if lines:
            yield Check("holders", "unknown", "whoever is listed here can be the app: is it meant?", shown)
            yield from (Check("holders", "unknown", line) for line in lines)
        else:
            yield Check("holders", "good", "no assignment lets anybody else change what the app is made of")

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


def _closed(site: Resource) -> bool:
    """Whether the app takes nothing from outside its network, as in the private form."""
    return str(site.properties("publicNetworkAccess")).lower() == "disabled"


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
    if not mistake.startswith(SETTING):
        return ""
    name = mistake.removeprefix(SETTING).partition(":")[0]
    where = f"--name {site.id.name} --resource-group {site.id.resource_group}"
    return f"az functionapp config appsettings set {where} --settings {name}=VALUE"
