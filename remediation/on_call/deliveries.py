"""Whether event subscriptions deliver what the app is for, once each, and keep what they could not."""

from collections.abc import Iterator, Sequence

from remediation.intake.routing import operations
from remediation.judging.gathering import Reads
from remediation.model import Listing, Resource, dig
from remediation.resource_id import ResourceId

CHANGES = "on_resource_change"
SYSTEM_TOPIC = "Microsoft.EventGrid/systemTopics"
OF_SUBSCRIPTIONS = "Microsoft.Resources.Subscriptions"
OPERATION = ("stringin", "data.operationname")
"""The only filter that an event subscription to changes has: its operator and its key."""
HEARD = frozenset(f"Microsoft.Resources.Resource{what}Success" for what in ("Write", "Delete", "Action"))


def topic_of(cloud: Reads, subscription: str) -> ResourceId | None:
    """The system topic of a subscription, of which Azure allows one: ours, or one that was there."""
    found = cloud.list(Listing(SYSTEM_TOPIC, f"/subscriptions/{subscription}"))
    return next((one.id for one in found if one.properties("topicType") == OF_SUBSCRIPTIONS), None)


def leading_to(subscriptions: Sequence[Resource], site: ResourceId, function: str) -> list[Resource]:
    """The event subscriptions that deliver to a function of the app."""
    wanted = f"{site.key}/functions/{function}".lower()
    where = ("properties", "destination", "properties", "resourceId")
    return [one for one in subscriptions if str(dig(one.body, *where)).lower() == wanted]


def _keeps(one: Resource) -> bool:
    return bool(one.properties("deadLetterDestination") or one.properties("deadLetterWithResourceIdentity"))


def broken(one: Resource, *, keeping: bool = True) -> Iterator[str]:
    """What stops an event subscription from delivering, or from `keeping` what it could not, as others do."""
    state = str(one.properties("provisioningState"))
    if state.lower() != "succeeded":
        yield f"event subscription {one.id.name} is {state}"
    if keeping and not _keeps(one):
        yield f"event subscription {one.id.name} has nowhere to put dead letters"


def wrong_with(subscriptions: Sequence[Resource], site: ResourceId) -> Iterator[str]:
    """What keeps some event from arriving once at this app."""
    filtered: list[str] = []
    ours = leading_to(subscriptions, site, CHANGES)
    for one in ours:
        yield from broken(one, keeping=any(map(_keeps, ours)))  # none does with deadLetters=off
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
