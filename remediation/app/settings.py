"""Environment -> frozen Settings. Every mistake is named at once; nothing is read from files here.

The names are the ones Azure Functions uses for its own storage connection (`AzureWebJobsStorage`, or
`AzureWebJobsStorage__queueServiceUri` and `__tableServiceUri` with an identity), so that queue, ledger and
triggers share one account. Secrets are left out of every representation, and no mistake quotes a value: what
stands in the wrong setting may be the webhook's signature.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from remediation.adapters.azure_hosts import TOPICS, is_at
from remediation.adapters.channels.as_set import is_reference
from remediation.adapters.credentials import is_loopback
from remediation.errors import ConfigurationError, Mistake

STORAGE = "AzureWebJobsStorage"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONTAINER = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no", ""})


@dataclass(frozen=True, slots=True)
class Storage:
    """Where queues and ledger are: in memory under a name, by connection string, or by identity."""

    kind: Literal["memory", "connection", "identity"]
    name: str = ""
    connection_string: str = field(default="", repr=False)
    queue_endpoint: str = ""
    table_endpoint: str = ""
    blob_endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment decides. `signs_in`: App Service authentication is on here."""

    subscriptions: frozenset[str]
    storage: Storage
    baseline: str = ""
    arm_endpoint: str = "https://management.azure.com"
    arm_static_token: str = field(default="", repr=False)
    client_id: str = ""
    in_azure: bool = False
    drift_topic_endpoint: str = ""
    drift_topic_key: str = field(default="", repr=False)
    event_source: str = "bastion-guard"
    teams_allow_any_host: bool = False
    event_margin: timedelta = timedelta(seconds=120)
    retention: timedelta = timedelta(days=30)
    refresh: timedelta = timedelta(seconds=60)
    card_delay: float = 2.0
    digest_above: int = 5
    gather: float = 5.0
    dead_letter_container: str = ""
    archive_container: str = ""
    dead_letter_endpoint: str = ""
    replay_principals: frozenset[str] = frozenset()
    signs_in: bool = False
    own_host: str = ""
    changes_from: Literal["eventGrid", "activityLog"] = "eventGrid"
    secrets: "Secrets" = field(default_factory=lambda: Secrets({}), repr=False)


class Secrets:
    """The settings that channels name as their secrets; whatever stands in them is never shown."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def __repr__(self) -> str:
        return "Secrets(...)"

    def get(self, name: str) -> str:
        """What a setting holds, "" where it is missing."""
        return self._environment.get(name, "").strip()


def read(environment: Mapping[str, str]) -> Settings:
    """Read settings from an environment; raises ConfigurationError naming every mistake."""
    return _Reader(environment).settings()


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._mistakes: list[Mistake] = []

    def settings(self) -> Settings:
        settings = Settings(
            subscriptions=self._subscriptions(),
            storage=self._storage(),
            baseline=self._baseline(),
            arm_endpoint=self._url("ARM_ENDPOINT", "https://management.azure.com"),
            arm_static_token=self._text("ARM_STATIC_TOKEN"),
            client_id=self._text("AZURE_CLIENT_ID"),
            in_azure=bool(self._text("IDENTITY_ENDPOINT") or self._text("WEBSITE_SITE_NAME")),
            drift_topic_endpoint=self._topic(),
            drift_topic_key=self._text("DRIFT_TOPIC_KEY"),
            event_source=self._text("EVENT_SOURCE") or "bastion-guard",
            teams_allow_any_host=self._switch("TEAMS_ALLOW_ANY_HOST"),
            event_margin=timedelta(seconds=self._number("EVENT_MARGIN_SECONDS", 120)),
            retention=timedelta(days=self._number("RETENTION_DAYS", 30)),
            refresh=timedelta(seconds=self._number("BASELINE_REFRESH_SECONDS", 60)),
            card_delay=self._number("CARD_DELAY_SECONDS", 2),
            digest_above=int(self._number("DIGEST_ABOVE", 5)),
            gather=self._number("GATHER_SECONDS", 5),
            dead_letter_container=self._container(),
            archive_container=self._archive(),
            dead_letter_endpoint=self._url("DEAD_LETTER_ENDPOINT", ""),
            replay_principals=self._principals(),
            signs_in=self._signs_in(),
            own_host=self._text("WEBSITE_HOSTNAME"),
            changes_from=self._changes_from(),
            secrets=Secrets(self._environment),
        )
        if self._mistakes:
            raise ConfigurationError(self._mistakes)
        return settings

    def _text(self, name: str) -> str:
        text = self._environment.get(name, "").strip()
        if is_reference(text):  # of a channel's secret that is no mistake: it stops cards alone
            self._wrong(name, "is a Key Vault reference that is not resolved")
            return ""
        return text

    def _wrong(self, name: str, problem: str) -> None:
        self._mistakes.append(Mistake.at(f"setting {name}", problem))

    def _baseline(self) -> str:
        text = self._text("BASELINE")
        if "://" in text and not text.startswith("https://"):
            self._wrong("BASELINE", "neither a path in the package nor an https URL")
        return text

    def _topic(self) -> str:
        """A topic gets a token that is good for every topic of ours, so only Event Grid itself is one."""
        text = self._url("DRIFT_TOPIC_ENDPOINT", "")
        if _is_url(text) and not is_at(text, TOPICS) and not is_loopback(text):
            self._wrong("DRIFT_TOPIC_ENDPOINT", "not a topic of Azure Event Grid")
        return text

    def _subscriptions(self) -> frozenset[str]:
        text = self._text("SUBSCRIPTIONS")
        if not text:
            self._wrong("SUBSCRIPTIONS", "is missing; list the subscription ids to watch")
        return self._ids("SUBSCRIPTIONS", text, "a subscription id")

    def _principals(self) -> frozenset[str]:
        """Who may call replay and history; a mere function key is enough while this is empty."""
        ids = self._ids("REPLAY_PRINCIPALS", self._text("REPLAY_PRINCIPALS"), "an Entra ID object id")
        if ids and not self._signs_in():
            problem = "needs App Service authentication, else anybody could claim to be one of them"
            self._wrong("REPLAY_PRINCIPALS", problem)
        return ids

    def _signs_in(self) -> bool:
        """Whether App Service authentication is on; nothing else makes its headers worth anything."""
        return self._text("WEBSITE_AUTH_ENABLED").lower() in _TRUE

    def _changes_from(self) -> Literal["eventGrid", "activityLog"]:
        """Whether changes are delivered, or nothing can come in and they are to be fetched."""
        match self._text("CHANGES_FROM"):
            case "" | "eventGrid":
                return "eventGrid"
            case "activityLog":
                return "activityLog"
            case _:
                self._wrong("CHANGES_FROM", "must be eventGrid or activityLog")
                return "eventGrid"

    def _ids(self, name: str, text: str, what: str) -> frozenset[str]:
        ids = [part.strip().lower() for part in text.split(",") if part.strip()]
        for number, identity in enumerate(ids, start=1):
            if not _GUID.fullmatch(identity):
                self._wrong(name, f"not {what}, number {number} of {len(ids)}")
        return frozenset(ids)

    def _container(self) -> str:
        name = self._text("DEAD_LETTER_CONTAINER")
        if name and not _CONTAINER.fullmatch(name):
            self._wrong("DEAD_LETTER_CONTAINER", "not the name of a container")
        accounts = ("DEAD_LETTER_ENDPOINT", STORAGE, f"{STORAGE}__accountName", f"{STORAGE}__blobServiceUri")
        if name and not any(map(self._text, accounts)):
            problem = f"is missing; the container is in no known account ({STORAGE}__blobServiceUri would do)"
            self._wrong("DEAD_LETTER_ENDPOINT", problem)
        return name

    def _archive(self) -> str:
        name = self._text("HISTORY_ARCHIVE_CONTAINER")
        if name and not _CONTAINER.fullmatch(name):
            self._wrong("HISTORY_ARCHIVE_CONTAINER", "not the name of a container")
        return name

    def _storage(self) -> Storage:
        text = self._text(STORAGE)
        if text.startswith("memory://"):
            return Storage("memory", name=text.removeprefix("memory://"))
        if text:
            return self._connection(text)
        account = self._text(f"{STORAGE}__accountName")
        queue = self._text(f"{STORAGE}__queueServiceUri")
        table = self._text(f"{STORAGE}__tableServiceUri")
        blob = self._text(f"{STORAGE}__blobServiceUri")
        if account:
            blob = blob or f"https://{account}.blob.core.windows.net"
            queue = queue or f"https://{account}.queue.core.windows.net"
            table = table or f"https://{account}.table.core.windows.net"
        if not (queue and table):
            self._wrong(
                STORAGE, f"is missing; set it, or {STORAGE}__queueServiceUri and {STORAGE}__tableServiceUri"
            )
        return Storage("identity", queue_endpoint=queue, table_endpoint=table, blob_endpoint=blob)

    def _connection(self, text: str) -> Storage:
        if text != "UseDevelopmentStorage=true" and "AccountName=" not in text:
            self._wrong(STORAGE, "is neither a storage connection string nor memory://NAME")
        return Storage("connection", connection_string=text)

    def _url(self, name: str, default: str) -> str:
        text = self._text(name) or default
        if text and not _is_url(text):
            self._wrong(name, "not a URL")
        return text.rstrip("/") if name == "ARM_ENDPOINT" else text

    def _switch(self, name: str) -> bool:
        text = self._text(name).lower()
        if text not in _TRUE | _FALSE:
            self._wrong(name, "must be true or false")
        return text in _TRUE

    def _number(self, name: str, default: float) -> float:
        return self._parsed(name, default, float)

    def _parsed(self, name: str, default: float, parse: Callable[[str], float]) -> float:
        text = self._text(name)
        try:
            number = parse(text) if text else default
        except ValueError:
            number = -1.0
        if not 0 <= number < 1e9:
            self._wrong(name, "must be a number, 0 or more")
            return default
        return number


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"https", "http"} and bool(parts.hostname)
    except ValueError:
        return False
