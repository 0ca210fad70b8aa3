"""The places where people hear of findings, built from the settings and from today's baseline.

Without channels the one webhook of TEAMS_WEBHOOK_URL gets everything. A channel whose secret names that
setting is the same place, so what was told there before channels were named is known to have been told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from remediation.adapters.channels.events import EventNotifier, keys_in
from remediation.adapters.channels.slack import SlackNotifier
from remediation.adapters.channels.unusable import UnusableChannel
from remediation.adapters.retrying import Retry
from remediation.adapters.teams import TeamsNotifier
from remediation.adapters.telemetry import UntracedNotifier
from remediation.app.settings import Settings
from remediation.baseline import Channel, Routing
from remediation.baseline.routes import NO_ROUTING
from remediation.errors import ConfigurationError, PermanentError, TransientError
from remediation.ledger.cards import Cards
from remediation.ledger.findings_book import FindingsBook
from remediation.measures import SILENT, Measures
from remediation.messages import CardMessage
from remediation.policy import Policy
from remediation.ports import Clock, Ledger, Notifier, Queue
from remediation.telling.announcing import Herald
from remediation.telling.channel_trouble import Watched
from remediation.telling.channels.budget import Budgeted
from remediation.telling.channels.outlet import Outlet
from remediation.telling.channels.rest import Rest
from remediation.telling.channels.voices import CARDS, SLACK, EventVoice, Voice
from remediation.telling.sender import Sender
from remediation.telling.switchboard import PlaceQueue, Places, Post, Switchboard

ONE_WEBHOOK = "TEAMS_WEBHOOK_URL"
KEY = "_KEY"
"""Behind the name of a webhook's setting: the one that holds the keys that sign what goes there."""
UNRESOLVED = "@Microsoft.KeyVault("


@dataclass(frozen=True, slots=True)
class Means:
    """What every sender needs."""

    chosen: Settings
    ledger: Ledger
    queue: Queue
    clock: Clock
    policy: Policy
    measures: Measures
    retry: Callable[..., Retry]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a channel said to something harmless: `refused` says why not, "" where it was taken."""

    channel: str
    refused: str = ""
    note: str = ""


class Outlets:
    """Notes and sends cards in every place there is by the baseline in use.

    `notifier` makes what posts to a channel that is not the one webhook.
    """

    def __init__(
        self,
        means: Means,
        one_webhook: Notifier,
        notifier: "Callable[[Channel, Means], Notifier] | None" = None,
    ) -> None:
        self._means = means
        self._of = notifier or notifier_of
        self._notifier = one_webhook if means.measures is SILENT else UntracedNotifier(one_webhook)
        self._herald: Herald | None = None
        self._rests: dict[str, Rest] = {}
        self.one_webhook = self._sender(Outlet(), self._notifier, None)
        self.use(NO_ROUTING)

    def use(self, routing: Routing) -> None:
        """Go by the channels of this baseline from now on."""
        self._routing = routing
        places = Places(_places(routing), _places(routing).get(routing.default, ""))
        posts = {"": Post(self.one_webhook, self._rest(""))}
        for channel in routing.channels.values():
            place = places.by_channel[channel.name]
            posts[place] = Post(self._of_channel(channel, place, places), self._rest(place))
        if routing.channels and "" not in places.by_channel.values():
            posts[""] = Post(self._sender(Outlet(places=places.of), self._notifier, None), self._rest(""))
        self._plain = not routing.channels
        self._board = Switchboard(
            Cards(self._means.ledger),
            FindingsBook(self._means.ledger),
            self._means.queue,
            places,
            posts,
            clock=self._means.clock,
            delay=self._means.chosen.card_delay,
        )

    def report_to(self, herald: Herald) -> None:
        """Channels that refuse are told of through this herald."""
        self._herald = herald

    # As a Sender ---------------------------------------------------------------------------------

    def note(self, data: object) -> None:
        (self.one_webhook if self._plain else self._board).note(data)

    def note_own(self, data: object) -> None:
        (self.one_webhook if self._plain else self._board).note_own(data)

    def send(self, message: CardMessage) -> int:
        return self._board.send(message)

    def nudge(self) -> None:
        self._board.nudge()

    def look_after(self) -> int:
        return self._board.look_after()

    def try_out(self, only: str | None = None) -> list[Tried]:
        """Send something harmless to each channel, or to one of them, past budgets and records."""
        if self._plain and only is None:
            return [self._try("one webhook", CARDS, self._notifier, self._means.chosen.teams_webhook_url)]
        return [
            self._try_channel(channel)
            for channel in self._routing.channels.values()
            if only in {None, channel.name}
        ]

    def _try_channel(self, channel: Channel) -> Tried:
        chosen, is_one = self._means.chosen, not _places(self._routing)[channel.name]
        notifier = self._notifier if is_one else self._of(channel, self._means)
        unsigned = channel.type == "webhook" and not chosen.secrets.get(channel.secret + KEY)
        tried = self._try(
            channel.name, voice_of(channel, chosen), notifier, chosen.secrets.get(channel.secret)
        )
        note = f"unsigned: setting {channel.secret}{KEY} is missing" if unsigned else tried.note
        return Tried(channel.name, tried.refused, note)

    def _try(self, name: str, voice: Voice, notifier: Notifier, url: str) -> Tried:
        try:
            notifier.post(voice.hello(name, self._means.clock.now()))
        except (PermanentError, TransientError) as error:
            return Tried(name, str(error))
        return Tried(name, note="" if url else "in the log: its setting is missing")

    # Building ------------------------------------------------------------------------------------

    def _of_channel(self, channel: Channel, place: str, places: Places) -> Sender:
        means = self._means
        notifier = self._of(channel, means) if place else self._notifier
        budgeted = Budgeted(
            notifier, means.ledger, means.clock, place=place, per_minute=channel.cards_per_minute
        )
        book, home = FindingsBook(means.ledger), min(means.policy.subscriptions)
        watched = Watched(budgeted, book, channel.name, home, lambda: self._herald)
        for_programs = channel.type == "webhook"
        outlet = Outlet(place, voice_of(channel, means.chosen), places.of, as_it_is=for_programs)
        return self._sender(outlet, watched, channel.digest_above)

    def _rest(self, place: str) -> Rest:
        return self._rests.setdefault(place, Rest())

    def _sender(self, outlet: Outlet, notifier: Notifier, digest_above: int | None) -> Sender:
        means = self._means
        return Sender(
            Cards(means.ledger, outlet.place),
            FindingsBook(means.ledger),
            PlaceQueue(means.queue, outlet.place, self._rest(outlet.place), means.clock),
            notifier,
            means.clock,
            means.policy,
            digest_above=means.chosen.digest_above if digest_above is None else digest_above,
            delay=means.chosen.card_delay,
            measures=means.measures,
            outlet=outlet,
        )


def _places(routing: Routing) -> Mapping[str, str]:
    """The place of each channel; the first that is the one webhook takes its place."""
    found: dict[str, str] = {}
    for channel in routing.channels.values():
        is_one = channel.secret == ONE_WEBHOOK and channel.type == "teams" and "" not in found.values()
        found[channel.name] = "" if is_one else channel.name
    return found


def voice_of(channel: Channel, chosen: Settings) -> Voice:
    match channel.type:
        case "teams":
            return CARDS
        case "slack":
            return SLACK
        case "webhook":
            return EventVoice(chosen.event_source)


def notifier_of(channel: Channel, means: Means) -> Notifier:
    """What posts to a channel; one whose secret is missing or wrong refuses, and says why."""
    url = means.chosen.secrets.get(channel.secret)
    if not url:
        return UnusableChannel(f"setting {channel.secret} is missing; it holds the URL of its webhook")
    if url.startswith(UNRESOLVED):
        return UnusableChannel(f"setting {channel.secret} is a Key Vault reference that is not resolved yet")
    any_host, retry = means.chosen.teams_allow_any_host, means.retry(of=channel.type)
    build: Callable[[str], Notifier]
    match channel.type:
        case "teams":
            build = partial(TeamsNotifier, allow_any_host=any_host, retry=retry)
        case "slack":
            build = partial(SlackNotifier, allow_any_host=any_host, retry=retry)
        case "webhook":
            keys = keys_in(means.chosen.secrets.get(channel.secret + KEY))
            build = partial(EventNotifier, clock=means.clock, keys=keys, allow_any_host=any_host, retry=retry)
    try:
        notifier = build(url)
    except ConfigurationError as error:
        return UnusableChannel(f"setting {channel.secret}: {'; '.join(error.mistakes)}")
    return notifier if means.measures is SILENT else UntracedNotifier(notifier)
