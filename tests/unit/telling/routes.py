"""The channels and routes that tests of telling go by."""

from remediation.baseline import Channel, Match, Route, Routing
from remediation.model import Severity


def owned_by(owner: str, *channels: str) -> Route:
    return Route(match=Match(tags={"owner": (owner,)}), channels=channels or (owner,))


def routing(*more: Channel, routes: tuple[Route, ...] | None = None, default: str = "platform") -> Routing:
    """Two teams with channels of their own, a SIEM, and the platform for the rest."""
    channels = [
        Channel("platform", "teams", "TEAMS_WEBHOOK_URL"),
        Channel("payments", "teams", "CHANNEL_PAYMENTS"),
        Channel("shop", "slack", "CHANNEL_SHOP"),
        *more,
    ]
    known = (owned_by("payments"), owned_by("shop")) if routes is None else routes
    return Routing({channel.name: channel for channel in channels}, known, default, ("owner",))


SIEM = Channel("siem", "webhook", "CHANNEL_SIEM")
MEDIUM_TO_SIEM = Route(severity=Severity.MEDIUM, channels=("siem",), goes_on=True)
