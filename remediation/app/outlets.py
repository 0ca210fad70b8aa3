"""The places where people hear of findings, built from the settings and from today's baseline.

Without channels the one webhook of TEAMS_WEBHOOK_URL gets everything. A channel whose secret names that
setting is the same place, so what was told there before channels were named is known to have been told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from remediation.adapters.channels.as_set import ChannelAsSet
from remediation.adapters.channels.events import EventNotifier, keys_in
from remediation.adapters.channels.slack import SlackNotifier
from remediation.adapters.channels.unusable import UnusableChannel
from remediation.adapters.log_notifier import LogNotifier
from remediation.adapters.retrying import Retry
from remediation.adapters.teams import TeamsNotifier
from remediation.adapters.telemetry import UntracedNotifier
from remediation.app.settings import Settings
from remediation.baseline import Channel, Routing
from remediation.baseline.routes import NO_ROUTING
from remediation.errors import PermanentError, TransientError
from remediation.ledger.cards import Cards
from remediation.ledger.findings_book import FindingsBook
from remediation.measures import SILENT, Measures
from remediation.messages import CardMessage
from remediation.policy import Policy
from remediation.ports import Clock, Ledger, Notifier, Queue
from remediation.telling.announcing import Herald
from remediation.telling.cards.advice import Reader
from remediation.telling.channel_trouble import Watched, refusing
from remediation.telling.channels.budget import Budgeted
from remediation.telling.channels.outlet import Outlet
from remediation.telling.channels.rest import Rest
from remediation.telling.channels.voices import CardVoice, EventVoice, SlackVoice, Told, Voice
from remediation.telling.parts_down import PartsDown, Trouble
from remediation.telling.sender import Sender, Waits
from remediation.telling.switchboard import PlaceQueue, Places, Post, Switchboard

ONE_WEBHOOK = "TEAMS_WEBHOOK_URL"
BOARD_PATH = "/api/board"
KEY = "_KEY"
"""Behind the name of a webhook's setting: the one that holds the keys that sign what goes there."""


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
        self._one = one_webhook
        self.parts = PartsDown(means.ledger, means.clock)
        self._herald: Herald | None = None
        self._rests: dict[str, Rest] = {}
        self._cards = CardVoice(reader_of(means.chosen))
        self.one_webhook = self._sender(Outlet(voice=self._cards), self._one, None, self.parts)
        self.use(NO_ROUTING)

    def use(self, routing: Routing) -> None:
        """Go by the channels of this baseline from now on."""
        self._routing = routing
        places = _places(routing)
        self._notifiers = {
            name: self._of(channel, self._means) if places.by_channel[name] else self._one
            for name, channel in routing.channels.items()
        }
        posts = {"": Post(self.one_webhook, self._rest(""))}
        for channel in routing.channels.values():
            place = places.by_channel[channel.name]
            posts[place] = Post(self._of_channel(channel, place, places), self._rest(place))
        if ONE_WEBHOOK in places.by_channel:
            watched = self._watched(self._one, ONE_WEBHOOK)
            outlet = Outlet(voice=self._cards, places=places.of)
            posts[""] = Post(self._sender(outlet, watched, None, waits=watched.waits), self._rest(""))
        self._watches = tuple(places.by_channel)
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

    @property
    def names_channels(self) -> bool:
        return not self._plain

    def mistakes(self) -> Sequence[str]:
        """What is wrong with the settings of the channels, for health."""
        every = self._notifiers.values() if self.names_channels else (self._one,)
        return [mistake for one in every if isinstance(one, ChannelAsSet) for mistake in one.mistakes()]

    def refusing(self) -> Sequence[Trouble]:
        """The channels that take nothing; without any the one webhook is among the parts that are down."""
        book, home = FindingsBook(self._means.ledger), min(self._means.policy.subscriptions)
        return list(refusing(book, home, self._watches))

    def tell_directly(self, told: Told) -> None:
        """Post one piece of news to the default channel, past the ledger; raises what keeps it from that."""
        channel = self._routing.channels.get(self._routing.default)
        voice = self._cards if channel is None else voice_of(channel, self._means.chosen)
        notifier = self._one if channel is None else self._notifiers[channel.name]
        self._untraced(notifier).post(voice.one(told, self._means.clock.now()))

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
            return [
                self._try("one webhook", self._cards, self._one, self._means.chosen.secrets.get(ONE_WEBHOOK))
            ]
        return [
            self._try_channel(channel)
            for channel in self._routing.channels.values()
            if only in {None, channel.name}
        ]

    def _try_channel(self, channel: Channel) -> Tried:
        chosen, notifier = self._means.chosen, self._notifiers[channel.name]
        unsigned = channel.type == "webhook" and not chosen.secrets.get(channel.secret + KEY)
        tried = self._try(
            channel.name, voice_of(channel, chosen), notifier, chosen.secrets.get(channel.secret)
        )
        note = f"unsigned: setting {channel.secret}{KEY} is missing" if unsigned else tried.note
        return Tried(channel.name, tried.refused, note)

    def _try(self, name: str, voice: Voice, notifier: Notifier, url: str) -> Tried:
        try:
            self._untraced(notifier).post(voice.hello(name, self._means.clock.now()))
        except (PermanentError, TransientError) as error:
            return Tried(name, str(error))
        return Tried(name, note="" if url else "in the log: its setting is missing")

    # Building ------------------------------------------------------------------------------------

    def _of_channel(self, channel: Channel, place: str, places: Places) -> Sender:
        means = self._means
        watched = self._watched(self._notifiers[channel.name], channel.name)
        budgeted = Budgeted(
            watched, means.ledger, means.clock, place=place, per_minute=channel.cards_per_minute
        )
        for_programs = channel.type == "webhook"
        outlet = Outlet(place, voice_of(channel, means.chosen), places.of, as_it_is=for_programs)
        return self._sender(outlet, budgeted, channel.digest_above, waits=watched.waits)

    def _watched(self, notifier: Notifier, channel: str) -> Watched:
        book, home = FindingsBook(self._means.ledger), min(self._means.policy.subscriptions)
        return Watched(notifier, book, channel, home, lambda: self._herald, self._means.clock)

    def _rest(self, place: str) -> Rest:
        return self._rests.setdefault(place, Rest())

    def _untraced(self, notifier: Notifier) -> Notifier:
        return notifier if self._means.measures is SILENT else UntracedNotifier(notifier)

    def _sender(
        self,
        outlet: Outlet,
        notifier: Notifier,
        digest_above: int | None,
        parts: PartsDown | None = None,
        waits: Waits | None = None,
    ) -> Sender:
        means = self._means
        return Sender(
            Cards(means.ledger, outlet.place),
            FindingsBook(means.ledger),
            PlaceQueue(means.queue, outlet.place, self._rest(outlet.place), means.clock),
            self._untraced(notifier),
            means.clock,
            means.policy,
            digest_above=means.chosen.digest_above if digest_above is None else digest_above,
            delay=means.chosen.card_delay,
            measures=means.measures,
            outlet=outlet,
            parts=parts,
            waits=waits,
        )


def _places(routing: Routing) -> Places:
    """Where the channels are. The one webhook is a place by its own name where none of them is it.

    What takes the default channel's place when that takes nothing is another one that people read.
    """
    by_channel = dict(_by_channel(routing))
    if by_channel and "" not in by_channel.values():
        by_channel[ONE_WEBHOOK] = ""
    default = by_channel.get(routing.default, "")
    for_people = [name for name, one in routing.channels.items() if one.type != "webhook"]
    others = [by_channel[name] for name in (*for_people, *by_channel) if by_channel[name] != default]
    return Places(by_channel, default, next(iter(others), None))


def _by_channel(routing: Routing) -> Mapping[str, str]:
    """The place of each channel; the first that is the one webhook takes its place."""
    found: dict[str, str] = {}
    for channel in routing.channels.values():
        is_one = channel.secret == ONE_WEBHOOK and channel.type == "teams" and "" not in found.values()
        found[channel.name] = "" if is_one else channel.name
    return found


def reader_of(chosen: Settings) -> Reader:
    """Who reads the cards of this app."""
    return Reader(chosen.app_name, chosen.own_host)


def voice_of(channel: Channel, chosen: Settings) -> Voice:
    match channel.type:
        case "teams":
            return CardVoice(reader_of(chosen))
        case "slack":
            return SlackVoice(reader_of(chosen))
        case "webhook":
            return EventVoice(chosen.event_source)


def one_webhook(means: Means) -> ChannelAsSet:
    """What posts to the one webhook, as its setting is when a card is sent: the log where there is none."""

    def made(url: str) -> Notifier:
        if not url:
            return LogNotifier()
        return TeamsNotifier(
            url, allow_any_host=means.chosen.teams_allow_any_host, retry=means.retry(of="teams")
        )

    return ChannelAsSet([ONE_WEBHOOK], means.chosen.secrets.get, made)


def notifier_of(channel: Channel, means: Means) -> ChannelAsSet:
    """What posts to a channel; one whose secret is missing or wrong refuses, and says why."""
    any_host, retry = means.chosen.teams_allow_any_host, means.retry(of=channel.type)

    def made(url: str, key: str = "") -> Notifier:
        if not url:
            return UnusableChannel(f"setting {channel.secret} is missing; it holds the URL of its webhook")
        match channel.type:
            case "teams":
                return TeamsNotifier(url, allow_any_host=any_host, retry=retry)
            case "slack":
                return SlackNotifier(url, allow_any_host=any_host, retry=retry)
            case "webhook":
                keys = keys_in(key)
                return EventNotifier(url, clock=means.clock, keys=keys, allow_any_host=any_host, retry=retry)

    names = [channel.secret, channel.secret + KEY] if channel.type == "webhook" else [channel.secret]
    return ChannelAsSet(names, means.chosen.secrets.get, made)
