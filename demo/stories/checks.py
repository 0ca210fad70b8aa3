"""Sentences that more than one story has to keep."""

from collections.abc import Iterable, Iterator, Sequence

from demo.act import Check
from demo.stories.story import Seen
from lab.arm.state.log import Entry
from remediation.findings import FindingRecord
from remediation.telling.cards import text_of


def check(text: str, ok: bool, why: str = "") -> Check:
    return Check(text, ok, "" if ok else why)


def one_write(seen: Seen, resource: str) -> Check:
    """Exactly one, to exactly this resource, and ARM took it."""
    writes = seen.stretch.writes
    right = [each.path.lower() for each in writes] == [resource.lower()] and writes[0].status < 300
    return check("one write, to that resource alone", right, _told(writes))


def nothing_written(seen: Seen) -> Check:
    accepted = [each for each in seen.stretch.writes if each.status < 300]
    return check("nothing was written", not accepted, _told(accepted))


def _told(writes: Sequence[Entry]) -> str:
    return "; ".join(f"{each.method} {_tail(each.path)} gave {each.status}" for each in writes) or "no write"


def _tail(path: str) -> str:
    return "/".join(path.rsplit("/", 2)[1:])


def told_once(seen: Seen, rule: str, resource: str, change: str, words: str) -> Iterator[Check]:
    """One announcement of this kind on the drift topic, and one card in Teams."""
    about = [each.change for each in seen.about(rule, resource)]
    yield check(f"{words} on the drift topic, once", about == [change], f"announced: {_list(about)}")
    yield one_card(seen, rule)


def one_card(seen: Seen, rule: str) -> Check:
    shown = sum(rule in set(text_of(card)) for card in seen.stretch.cards)
    dropped = [fault for receipt in seen.world.teams.rejected for fault in receipt.faults]
    return check("one card in Teams", shown == 1 and not dropped, f"{shown} cards; {_list(dropped)} dropped")


def silence(seen: Seen) -> Iterator[Check]:
    """The app heard of it, and neither wrote nor said anything."""
    handled = len(seen.outcomes.seen) - seen.since
    yield check("the app heard of it again", handled > 0, "it handled no message")
    yield nothing_written(seen)
    told = [each.change for each in seen.findings]
    yield check("nothing was announced, no card was sent", not told and not seen.stretch.cards,
                f"announced: {_list(told)}; {len(seen.stretch.cards)} cards")  # fmt: skip


def commands_shown(seen: Seen, findings: Iterable[FindingRecord]) -> Check:
    """The cards of this act hold what a person would type, whole."""
    commands = [command for finding in findings for command in finding.commands]
    shown = "\n".join(line for card in seen.stretch.cards for line in text_of(card))
    right = bool(commands) and all(command in shown for command in commands)
    return check("the card prints the command to type", right, f"not on it: {commands}")


def _list(words: Sequence[str]) -> str:
    return ", ".join(words) or "nothing"
