from remediation.landing_zone.facts import PUBLIC_IP_LOG_CATEGORIES
from tests.builders import PIP_ID, WORKSPACE, a_public_ip, a_setting
from tests.unit.rules.case import Case

CENTRAL = {"centralWorkspaceId": WORKSPACE}
ID = PIP_ID.text
ALL_THREE = [{"category": category, "enabled": True} for category in PUBLIC_IP_LOG_CATEGORIES]

CASES = (
    Case("all logs", "silent", ID, (a_public_ip(), a_setting(on=PIP_ID)), CENTRAL),
    Case(
        "the three categories", "silent", ID, (a_public_ip(), a_setting(on=PIP_ID, logs=ALL_THREE)), CENTRAL
    ),
    Case("no setting", "speaks", ID, (a_public_ip(),), CENTRAL, "medium", ID),
    Case("two of three", "speaks", ID, (a_public_ip(), a_setting(on=PIP_ID, logs=ALL_THREE[:2])), CENTRAL),
    Case(
        "five settings that go elsewhere: nothing to add",
        "speaks",
        ID,
        (a_public_ip(), *(a_setting(f"s{n}", on=PIP_ID, workspace=f"{WORKSPACE}{n}") for n in range(5))),
        CENTRAL,
    ),
    Case("no central workspace, no setting", "speaks", ID, (a_public_ip(),)),
)
