"""Where a resource's alerts go and why, as lines for people."""

from collections.abc import Iterator

from remediation.baseline.explaining import Explanation, RouteAnswer, Way
from remediation.plain import plain

ONE_WEBHOOK = "the webhook of TEAMS_WEBHOOK_URL"


def routes_table(told: Explanation) -> Iterator[str]:
    if told.by_owner:
        yield f"owner: {plain(_owner(told))}"
    if any(answer.holds is None for answer in told.routes):
        yield "as far as is known, with no tag where none was read:"
    for way in told.ways:
        yield f"{_findings(way, told)}: {_channels(way.channels)}"
    if told.routes:
        yield "routes, in order:"
    for answer in told.routes:
        yield f"  {_verdict(answer)}"
    if told.default:
        yield f"  no route matches: {told.default} (defaultChannel)"


def _owner(told: Explanation) -> str:
    owner = told.owner
    if not owner.name and owner.sure:
        return "nobody named by a tag"
    if not owner.name:
        missing = " and the ".join(told.unread)
        return f"not known: the tags of the {missing} were not read (--estate PATH, or --live)"
    doubt = "" if owner.sure else ", unless a nearer tag that was not read says otherwise"
    where = "its own tag" if owner.level == "resource" else f"tag of its {owner.level}:"
    return f"{owner.name} ({where} {owner.tag}{doubt})"


def _findings(way: Way, told: Explanation) -> str:
    """Which findings a line is about; all of them where everything goes one way."""
    if len(told.ways) == 1:
        return "alerts go to"
    alike = {other.rules for other in told.ways}
    rules = "" if len(alike) == 1 else f" of {', '.join(way.rules)}"
    severities = ", ".join(severity.text for severity in way.severities)
    return f"alerts{rules} that are {severities} go to"


def _channels(channels: tuple[str, ...]) -> str:
    return ", ".join(channels) or ONE_WEBHOOK


def _verdict(answer: RouteAnswer) -> str:
    if answer.settled:
        return f"routes[{answer.number}] is not asked: an earlier one decides for every finding"
    word = {True: "matches", False: "does not match", None: "not known"}[answer.holds]
    goes = f" -> {', '.join(answer.channels)}" if answer.holds is not False else ""
    after = ", and the next are asked too" if answer.goes_on and answer.holds is not False else ""
    return f"routes[{answer.number}] {word}: {plain(answer.why)}{goes}{after}"
