"""Records of the activity log and events as people hold them, in every form that was found."""

import json
from pathlib import Path
from typing import Any

import pytest

from remediation.app.functions import App
from remediation.errors import InputError, NoResourceId
from remediation.intake.events import parse
from remediation.intake.records import event_of, identity_of, is_record, unpacked
from remediation.intake.routing import route
from remediation.kinds import DIAGNOSTIC_SETTING
from remediation.messages import decode
from tests.noted import Noted

FOUND = Path(__file__).resolve().parents[2] / "events" / "found"
NSG = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.Network/networkSecurityGroups/web"
)


def found(name: str) -> Any:
    return json.loads((FOUND / f"{name}.json").read_text())


def exported(**changes: Any) -> dict[str, Any]:
    """A record as a diagnostic setting of the subscription writes it."""
    record = {
        "time": "2026-07-03T00:00:00.1234567Z",
        "resourceId": NSG.upper(),
        "operationName": "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE",
        "category": "Administrative",
        "resultType": "Success",
        "resultSignature": "Succeeded.",
        "callerIpAddress": "203.0.113.10",
        "correlationId": "c-1",
        "identity": {
            "authorization": {"scope": NSG, "action": "Microsoft.Network/networkSecurityGroups/write"},
            "claims": {"name": "Ada"},
        },
        "level": "Information",
    }
    return {**record, **changes}


def test_a_caller_whose_claims_name_nobody_is_who_did_it() -> None:
    event = event_of(found("record.caller-without-claims"))
    assert event is not None

    assert "ada@contoso.example" == parse(event).actor.name


def test_a_caller_that_is_a_principals_id_is_an_id_and_no_name() -> None:
    principal = "99999999-0000-4000-8000-000000000001"
    event = event_of(found("record.caller-without-claims") | {"caller": principal})
    assert event is not None

    assert ("", principal) == (parse(event).actor.name, parse(event).actor.object_id)


def test_claims_that_name_somebody_are_believed_before_the_caller() -> None:
    record = found("record.caller-without-claims") | {"claims": {"name": "Grace"}}
    event = event_of(record)
    assert event is not None

    assert "Grace" == parse(event).actor.name


def test_an_email_address_names_a_person_after_everything_else() -> None:
    event = found("event.emailaddress-only")
    assert "ada@contoso.example" == parse(event).actor.name

    event["data"]["claims"]["name"] = "Ada"
    assert "Ada" == parse(event).actor.name


def test_keys_inside_authorization_are_read_without_case() -> None:
    change = parse(found("event.capital-authorization"))

    assert (NSG, "Microsoft.Network/networkSecurityGroups/write") == (change.target.text, change.operation)


def test_the_export_of_a_subscriptions_own_log_means_nothing_to_what_lies_below() -> None:
    way = route(parse(found("event.subscription-diagnostic-setting")))

    assert (None, None) == (way.expand, way.sweep)
    assert way.target is not None
    assert DIAGNOSTIC_SETTING == way.target.type  # itself, for whoever has declared it


@pytest.mark.parametrize("kind", ["locks/l", "roleAssignments/11111111-2222-3333-4444-555555555555"])
def test_a_lock_or_role_of_a_subscription_means_everything_below(kind: str) -> None:
    event = found("event.subscription-diagnostic-setting")
    scope = "/subscriptions/00000000-0000-0000-0000-000000000001"
    event["data"]["resourceUri"] = f"{scope}/providers/Microsoft.Authorization/{kind}"

    assert scope == str(route(parse(event)).sweep)


@pytest.mark.parametrize(
    "resource",
    [
        "/subscriptions/00000000-0000-0000-0000-000000000001/tagNames/env",
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/deployments/d",
        "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Network",
    ],
)
def test_what_is_no_resource_is_ignored_without_a_word(
    resource: str, caplog: pytest.LogCaptureFixture
) -> None:
    event = event_of({
        **found("record.caller-without-claims"), "resourceId": resource,
        "operationName": {"value": "Microsoft.Resources/subscriptions/tagNames/write"},
    })  # fmt: skip
    noted = Noted()

    with pytest.raises(NoResourceId):
        parse(event)
    assert [] == list(App({}, measures=noted).accept(event))
    assert [("events", {"result": "ignored"})] == noted.counted
    assert [] == caplog.records


def test_a_hostile_id_is_refused_as_before() -> None:
    event = event_of(found("record.caller-without-claims") | {"resourceId": f"{NSG}/../../tagNames"})
    noted = Noted()

    with pytest.raises(InputError) as refused:
        parse(event)
    assert not isinstance(refused.value, NoResourceId)
    assert [] == list(App({}, measures=noted).accept(event))
    assert [("events", {"result": "refused"})] == noted.counted


def test_registering_a_provider_is_an_event_of_nothing() -> None:
    assert [] == list(App({}).accept(event_of(found("record.register-action"))))


@pytest.mark.parametrize("form", ["list", "value", "records", "alone"])
def test_records_are_found_in_every_form(form: str) -> None:
    records = found("records.rest-list")["value"]
    documents = {"list": records, "value": {"value": records}, "records": {"records": records}}
    document = documents.get(form, records[0])

    held = list(unpacked(document))

    assert all(map(is_record, held))
    assert (1 if form == "alone" else 3) == len(held)


def test_an_event_is_no_record_and_a_request_is_neither() -> None:
    assert not is_record(found("cloudevent-alone"))
    assert not is_record({"source": "activity-log", "since": "6h"})
    assert not is_record("a record")


def test_what_a_diagnostic_setting_exports_says_the_same_as_the_service() -> None:
    event = event_of(exported())
    assert event is not None
    change = parse(event)

    assert (NSG.lower(), "write", "success") == (change.target.key, change.kind, change.status)
    assert ("Ada", "203.0.113.10") == (change.actor.name, change.actor.address)
    assert "c-1" == change.correlation_id


@pytest.mark.parametrize("result", ["Start", "Accept"])
def test_a_beginning_is_no_event_in_an_export_either(result: str) -> None:
    assert event_of(exported(resultType=result)) is None


def test_a_record_without_an_id_is_known_again_by_what_it_says() -> None:
    assert identity_of(exported()) == identity_of(exported())
    assert identity_of(exported()) != identity_of(exported(correlationId="c-2"))


def test_work_of_a_record_carries_who_and_when() -> None:
    [text] = App({}).accept(event_of(exported()))

    message = decode(text)
    assert (NSG.upper(), "Ada") == (message.target, message.actor["name"])
