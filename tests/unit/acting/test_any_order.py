"""People press at any moment, on pages of any age, while colleagues write and workers die: what holds always.

The app only proposes here, so that whatever is written was applied by a person: each write is one that this
person was shown, over the very document that they were shown, and made once.
"""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediation.baseline import Action
from remediation.errors import BastionGuardError
from remediation.findings import FindingRecord, State
from remediation.model import Write
from remediation.on_call.acting.caller import Caller
from remediation.on_call.listing.identity import etag_of, id_of
from remediation.reconciling.watching import Watch
from remediation.reconciling.writing import same
from remediation.resource_id import ResourceId
from tests.builders import NSG_ID, a_baseline, a_lock, a_rule, a_spoke, an_nsg
from tests.faults import Interrupted, Killed, Lifetime, Mortal
from tests.story.core.world import World
from tests.unit.acting.office import ADA, BOB, RULE
from tests.unit.on_call.desk import a_desk, a_world

SSH = a_rule("allow-ssh", 310, sourceAddressPrefix="Internet", destinationPortRange="22")
WIDE = a_rule("allow-ssh", 310, sourceAddressPrefix="Internet", destinationPortRange="*")
RDP = a_rule("allow-rdp", 320, sourceAddressPrefix="Internet", destinationPortRange="3389")
STATES = {"closed": (), "ssh": (SSH,), "wide": (WIDE,), "both": (SSH, RDP), "rdp": (RDP,)}
PEOPLE = {"ada": ADA, "bob": BOB}
STEPS = st.one_of(
    st.tuples(st.just("writes"), st.sampled_from(sorted(STATES))),
    st.tuples(st.just("locks"), st.booleans()),
    st.tuples(st.sampled_from(["hears", "rests"]), st.none()),
    st.tuples(st.sampled_from(["looks", "presses", "acks"]), st.sampled_from(sorted(PEOPLE))),
    st.tuples(st.just("dies pressing"), st.tuples(st.sampled_from(sorted(PEOPLE)), st.integers(0, 40))),
)


class Play:
    """A world with two engineers in it, each with the page that they last saw."""

    def __init__(self) -> None:
        self.world = a_world(baseline=a_baseline(rules={RULE: Action.PROPOSE}))
        self.pages: dict[str, FindingRecord] = {}
        self.pressing = ""
        self.made: list[tuple[str, str, str]] = []
        self.began: set[tuple[str, str]] = set()

    def takes(self, step: tuple[str, Any]) -> None:
        what, how = step
        world = self.world
        match what:
            case "writes":
                world.cloud.seed(an_nsg(*STATES[how]), *a_spoke())
            case "locks" if how:
                world.cloud.seed(a_lock(NSG_ID.text))
            case "locks":
                world.cloud.remove(_lock())
            case "hears":
                world.handle()
            case "rests":
                world.clock.advance(7200)
                Watch(world.ledger, world.queue, world.clock).look_after()  # the timer, every minute
                world.run()
            case "looks":
                self.looks(how)
            case "presses":
                self.presses(how, Lifetime(1 << 30))
            case "acks":
                self.acks(how)
            case _:
                self.presses(how[0], Lifetime(how[1]))

    def looks(self, name: str) -> None:
        found = self.world.findings().get(RULE)
        if found is not None and found.state is State.OPEN:
            self.pages[name] = found

    def presses(self, name: str, lifetime: Lifetime) -> None:
        page = self.pages.get(name)
        if page is None:
            return
        watched = Interrupted(self.world.cloud, before_write=lambda write: self.is_allowed(name, page, write))
        through = {"cloud": Mortal(watched, lifetime), "ledger": Mortal(self.world.ledger, lifetime)}
        with suppress(BastionGuardError, Killed):
            self.verbs(PEOPLE[name], through).apply(id_of(NSG_ID.text, page.name), etag_of(page))

    def acks(self, name: str) -> None:
        page = self.pages.get(name)
        if page is not None:
            with suppress(BastionGuardError):
                self.verbs(PEOPLE[name], {}).ack(id_of(NSG_ID.text, page.name), etag_of(page))

    def verbs(self, caller: Caller, through: dict[str, Any]) -> Any:
        return a_desk(self.world, **through).verbs(caller)

    def is_allowed(self, name: str, page: FindingRecord, write: Write) -> None:
        """Each write was shown to who presses, over what stands there now, and is made once."""
        assert page.fix is not None
        ids = [str(one["id"]).lower() for one in page.fix.writes]
        assert write.id.key in ids
        assert self.world.cloud.get(_lock()) is None
        made = (name, etag_of(page), write.id.key)
        assert made not in self.made
        if (name, etag_of(page)) not in self.began:
            shown = {key.lower(): body for key, body in page.fix.before.items()}
            current = self.world.cloud.get(write.id)
            assert same(None if current is None else current.body, shown[write.id.key])
            assert write.to_json()["body"] == page.fix.writes[0]["body"]
        self.began.add((name, etag_of(page)))
        self.made.append(made)


def _lock() -> Any:
    return ResourceId.parse(a_lock(NSG_ID.text)["id"])


@given(st.lists(STEPS, max_size=25))
def test_whoever_presses_whenever_nothing_is_written_twice_or_otherwise_than_shown(
    steps: list[tuple[str, Any]],
) -> None:
    play = Play()
    play.takes(("writes", "ssh"))
    play.takes(("hears", None))
    for step in [("looks", "ada"), *steps, ("rests", None)]:
        play.takes(step)

    assert len(play.made) == len(play.world.cloud.writes)
    by_people = [write for write in play.world.journal if write.applied_by.get("objectId")]
    assert len(play.world.cloud.writes) <= len(by_people)
    assert not unfinished(play.world)


def unfinished(world: World) -> bool:
    """Whether a write is left of which nobody knows how it ended."""
    return any(write.state in {"intended", "accepted"} for write in world.journal)
