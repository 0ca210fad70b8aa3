"""Settings: read from the environment alone, every mistake named at once, secrets never shown."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.app.settings import Settings, read
from remediation.errors import ConfigurationError
from tests.builders import FOREIGN, SUBSCRIPTION
from tests.story.core.calm import CALM

GOOD = {"SUBSCRIPTIONS": SUBSCRIPTION, "AzureWebJobsStorage": "memory://test"}
SECRETS = {
    "AzureWebJobsStorage": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=s3cret",
    "DRIFT_TOPIC_KEY": "s3cret",
    "TEAMS_WEBHOOK_URL": "https://x.logic.azure.com/?sig=s3cret",
    "ARM_STATIC_TOKEN": "s3cret",
}


def mistakes(**environment: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refused:
        read({**GOOD, **environment})
    return refused.value.mistakes


def test_a_subscription_and_storage_are_all_that_is_needed() -> None:
    found = read(GOOD)

    assert frozenset({SUBSCRIPTION}) == found.subscriptions
    assert ("memory", "test") == (found.storage.kind, found.storage.name)
    assert (timedelta(seconds=120), 5) == (found.event_margin, found.digest_above)
    assert ("https://management.azure.com", "") == (found.arm_endpoint, found.baseline)


def test_several_subscriptions_are_listed_with_commas_in_any_case() -> None:
    found = read({**GOOD, "SUBSCRIPTIONS": f" {SUBSCRIPTION.upper()} ,, {FOREIGN}, "})

    assert frozenset({SUBSCRIPTION, FOREIGN}) == found.subscriptions


@pytest.mark.parametrize(
    ("environment", "kind", "queue", "table"),
    [
        ({"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, "connection", "", ""),
        (
            {"AzureWebJobsStorage": "", "AzureWebJobsStorage__accountName": "acc"},
            "identity",
            "https://acc.queue.core.windows.net",
            "https://acc.table.core.windows.net",
        ),
        (
            {
                "AzureWebJobsStorage": "",
                "AzureWebJobsStorage__queueServiceUri": "https://q",
                "AzureWebJobsStorage__tableServiceUri": "https://t",
            },
            "identity",
            "https://q",
            "https://t",
        ),
    ],
)
def test_storage_is_named_as_azure_functions_names_its_own(
    environment: dict[str, str], kind: str, queue: str, table: str
) -> None:
    storage = read({**GOOD, **environment}).storage

    assert (kind, queue, table) == (storage.kind, storage.queue_endpoint, storage.table_endpoint)


@pytest.mark.parametrize(
    ("environment", "mistake"),
    [
        ({"SUBSCRIPTIONS": ""}, "SUBSCRIPTIONS: is missing"),
        ({"SUBSCRIPTIONS": "production"}, "SUBSCRIPTIONS: not a subscription id, number 1 of 1"),
        ({"SUBSCRIPTIONS": f"/subscriptions/{SUBSCRIPTION}"}, "SUBSCRIPTIONS: not a subscription id"),
        ({"AzureWebJobsStorage": ""}, "AzureWebJobsStorage: is missing"),
        (
            {"AzureWebJobsStorage": "", "AzureWebJobsStorage__queueServiceUri": "https://q"},
            "AzureWebJobsStorage: is",
        ),
        ({"AzureWebJobsStorage": "account"}, "AzureWebJobsStorage: is neither a storage connection string"),
        ({"ARM_ENDPOINT": "management.azure.com"}, "ARM_ENDPOINT: not a URL"),
        ({"ARM_ENDPOINT": "file:///etc/passwd"}, "ARM_ENDPOINT: not a URL"),
        ({"DRIFT_TOPIC_ENDPOINT": "topic"}, "DRIFT_TOPIC_ENDPOINT: not a URL"),
        ({"DRIFT_TOPIC_ENDPOINT": "https://[::1"}, "DRIFT_TOPIC_ENDPOINT: not a URL"),
        (
            {"DRIFT_TOPIC_ENDPOINT": "https://drift.example/api/events"},
            "DRIFT_TOPIC_ENDPOINT: not a topic of Azure Event Grid",
        ),
        (
            {"DRIFT_TOPIC_ENDPOINT": "https://a.westeurope-1.eventgrid.azure.net.example/api/events"},
            "DRIFT_TOPIC_ENDPOINT: not a topic of Azure Event Grid",
        ),
        (
            {"DRIFT_TOPIC_ENDPOINT": "http://a.westeurope-1.eventgrid.azure.net/api/events"},
            "DRIFT_TOPIC_ENDPOINT: not a topic of Azure Event Grid",
        ),
        ({"TEAMS_ALLOW_ANY_HOST": "maybe"}, "TEAMS_ALLOW_ANY_HOST: must be true or false"),
        ({"EVENT_MARGIN_SECONDS": "two minutes"}, "EVENT_MARGIN_SECONDS: must be a number"),
        ({"EVENT_MARGIN_SECONDS": "-1"}, "EVENT_MARGIN_SECONDS: must be a number"),
        ({"CARD_DELAY_SECONDS": "nan"}, "CARD_DELAY_SECONDS: must be a number"),
        ({"DIGEST_ABOVE": "inf"}, "DIGEST_ABOVE: must be a number"),
    ],
)
def test_a_mistake_is_named_with_its_setting(environment: dict[str, str], mistake: str) -> None:
    (found,) = mistakes(**environment)

    assert found.startswith(f"setting {mistake}")


def test_changes_are_delivered_unless_said_otherwise() -> None:
    assert read(GOOD).changes_from == "eventGrid"
    assert read({**GOOD, "CHANGES_FROM": "activityLog"}).changes_from == "activityLog"
    assert mistakes(CHANGES_FROM="carrier pigeon") == (
        "setting CHANGES_FROM: must be eventGrid or activityLog",
    )


def test_every_mistake_is_named_at_once() -> None:
    found = mistakes(SUBSCRIPTIONS="x,y", AzureWebJobsStorage="", ARM_ENDPOINT="x", DIGEST_ABOVE="x")

    assert 5 == len(found)


def test_no_secret_shows_in_a_representation_or_in_a_mistake() -> None:
    assert "s3cret" not in repr(read({**GOOD, **SECRETS}))
    assert "s3cret" not in "".join(mistakes(**SECRETS, SUBSCRIPTIONS="x"))
    assert "s3cret" not in "".join(mistakes(AzureWebJobsStorage="Account=s3cret"))


@CALM
@given(st.dictionaries(st.sampled_from(sorted({*GOOD, *SECRETS, "ARM_ENDPOINT", "DIGEST_ABOVE"})), st.text()))
def test_any_environment_is_settings_or_a_list_of_mistakes(environment: dict[str, Any]) -> None:
    try:
        found = read(environment)
    except ConfigurationError:
        return
    assert isinstance(found, Settings)
    assert found.subscriptions
