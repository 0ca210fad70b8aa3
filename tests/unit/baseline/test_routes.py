"""Where alerts go, as a baseline says it: owners by tag, routes in order, and every mistake with its path."""

import json
from typing import Any

import pytest

from remediation import baseline
from remediation.baseline import Concern, Owner, Routing, Tags
from remediation.errors import ConfigurationError
from remediation.model import Severity
from remediation.resource_id import ResourceId

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
NSG = ResourceId.parse(
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-shop-1/providers/"
    "Microsoft.Network/networkSecurityGroups/web"
)
RULE = "nsg-mgmt-open-to-internet"
BAD_NAME = "a channel's name is at most 40 of a-z, 0-9 and -, and begins and ends without -"
SCOPES = "tags, resourceGroups, subscriptions, resources, rules or severity"
CHANNELS: dict[str, Any] = {
    "platform": {"type": "teams", "secret": "TEAMS_WEBHOOK_URL"},
    "payments": {"type": "slack", "secret": "CHANNEL_PAYMENTS"},
    "siem": {"type": "webhook", "secret": "CHANNEL_SIEM"},
}


def routing(*routes: dict[str, Any], **more: Any) -> Routing:
    document = {"version": 1, "channels": CHANNELS, "routes": routes, "defaultChannel": "platform", **more}
    return baseline.read(json.dumps(document)).routing


def concern(severity: Severity = Severity.HIGH, rule: str = RULE, **tags: str) -> Concern:
    return Concern(NSG, rule, severity, tags)


def mistakes(**document: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        baseline.read(json.dumps({"version": 1, "channels": CHANNELS, **document}), known_rules=[RULE])
    return [str(mistake) for mistake in refused.value.mistakes]


def test_without_channels_one_webhook_gets_everything() -> None:
    assert () == baseline.NOTHING.routing.channels_for(concern())


def test_the_first_route_that_matches_decides() -> None:
    routes = routing(
        {"match": {"tags": {"owner": ["payments"]}}, "channels": ["payments"]},
        {"match": {"resourceGroups": ["rg-shop-*"]}, "channels": ["siem"]},
    )

    assert ("payments",) == routes.channels_for(concern(owner="payments"))
    assert ("siem",) == routes.channels_for(concern(owner="others"))


def test_a_route_that_goes_on_lets_the_next_ones_choose_as_well() -> None:
    routes = routing(
        {"match": {"severity": "high"}, "channels": ["siem"], "continue": True},
        {"match": {"tags": {"owner": "payments"}}, "channels": ["payments", "siem"]},
    )

    assert ("siem", "payments") == routes.channels_for(concern(owner="payments"))
    assert ("siem",) == routes.channels_for(concern())


def test_what_no_route_matches_goes_to_the_default_channel() -> None:
    routes = routing({"match": {"resourceGroups": ["rg-other"]}, "channels": ["payments"]})
    assert ("platform",) == routes.channels_for(concern())


def test_a_match_holds_when_all_its_keys_do() -> None:
    routes = routing(
        {
            "match": {
                "subscriptions": [SUBSCRIPTION.upper()],
                "resourceGroups": ["RG-shop-*"],
                "resources": ["*/web"],
                "rules": ["nsg-*"],
                "severity": "medium",
            },
            "channels": ["siem"],
        }
    )

    assert ("siem",) == routes.channels_for(concern(Severity.MEDIUM))
    assert ("platform",) == routes.channels_for(concern(Severity.LOW))
    assert ("platform",) == routes.channels_for(concern(rule="bastion-sku-tier"))


@pytest.mark.parametrize(
    ("tags", "owner"),
    [
        (Tags({"owner": "shop"}, {"owner": "payments"}, {}), Owner("shop", "owner", "resource")),
        (Tags({}, {"owner": "payments"}, {"owner": "it"}), Owner("payments", "owner", "group")),
        (Tags({"owner": " "}, {}, {"owner": "it"}), Owner("it", "owner", "subscription")),
        (Tags({}, {}, {}), Owner()),
        (Tags({}, None, {"owner": "it"}), Owner("it", "owner", "subscription", sure=False)),
        (Tags({}, {}, None), Owner(sure=False)),
        (Tags({"owner": "shop"}, None, None), Owner("shop", "owner", "resource")),
        (Tags({"team": "a"}, {"owner": "b"}, {}), Owner("a", "team", "resource")),
    ],
)
def test_the_nearest_tag_says_whose_it_is(tags: Tags, owner: Owner) -> None:
    assert owner == routing(ownerTags=["Owner", "team"]).owner_of(tags)


def test_a_match_of_an_owner_tag_sees_what_is_inherited_and_no_other_tag_is() -> None:
    seen = routing(ownerTags=["owner", "team"]).seen_tags(
        Tags({"tier": "1"}, {"owner": "payments", "tier": "2", "cost": "9"}, {"owner": "it"})
    )
    assert {"tier": "1", "owner": "payments", "team": "payments"} == seen


@pytest.mark.parametrize(
    ("document", "mistake"),
    [
        (
            {"channels": {"a": {"type": "mail", "secret": "S"}}},
            "baseline: channels.a.type: must be teams, slack or webhook, not 'mail'",
        ),
        (
            {"channels": {"a": {"type": "teams"}}},
            "baseline: channels.a.secret: is required: the name of the setting that holds the webhook's URL",
        ),
        (
            {"channels": {"Up": {"type": "teams", "secret": "S"}}},
            f"baseline: channels.Up: {BAD_NAME}",
        ),
        (
            {"channels": {"a": {"type": "teams", "secret": "S", "cardsPerMinute": 0}}},
            "baseline: channels.a.cardsPerMinute: must be a whole number from 1 to 60, not 0",
        ),
        (
            {"routes": [{"match": {"severity": "high"}, "channels": ["platfrom"]}]},
            "baseline: routes[0].channels: no such channel; did you mean platform?: 'platfrom'",
        ),
        (
            {"routes": [{"match": {"severity": "high"}}]},
            "baseline: routes[0].channels: is required: names of channels",
        ),
        (
            {"routes": [{"channels": ["siem"]}]},
            f"baseline: routes[0].match: is required: {SCOPES}",
        ),
        (
            {"routes": [{"match": {"rules": ["bastoin-*"]}, "channels": ["siem"]}]},
            "baseline: routes[0].match.rules: no such rule: 'bastoin-*'",
        ),
        (
            {"routes": [{"match": {"severity": "severe"}, "channels": ["siem"]}]},
            "baseline: routes[0].match.severity: must be info, low, medium, high, critical, not 'severe'",
        ),
        (
            {"routes": [{"match": {"severity": "high"}, "channels": ["siem"], "continue": "yes"}]},
            "baseline: routes[0].continue: must be true or false, not 'yes'",
        ),
        ({"defaultChannel": "nowhere"}, "baseline: defaultChannel: no such channel: 'nowhere'"),
    ],
)
def test_every_mistake_is_named_with_its_path(document: dict[str, Any], mistake: str) -> None:
    assert [mistake] == mistakes(**document)


def test_a_secret_in_the_place_of_its_name_is_never_shown() -> None:
    url = "https://hooks.slack.com/services/T000/B000/XXXXXXXX"
    (mistake,) = mistakes(channels={"a": {"type": "slack", "secret": url}})

    assert "hooks.slack.com" not in mistake
    assert "channels.a.secret: not the name of a setting" in mistake


def test_a_route_may_name_what_the_app_tells_of_itself() -> None:
    document = {
        "version": 1,
        "channels": CHANNELS,
        "routes": [{"match": {"rules": ["gave-up"]}, "channels": ["platform"]}],
    }
    assert baseline.read(json.dumps(document), known_rules=[RULE]).routing.routes
