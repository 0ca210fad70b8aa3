from tests.builders import NSG_ID, WORKSPACE, a_setting, an_nsg
from tests.unit.rules.case import Case

CENTRAL = {"centralWorkspaceId": WORKSPACE}
ID = NSG_ID.text
EVENT = {"category": "NetworkSecurityGroupEvent", "enabled": True}
COUNTER = {"category": "NetworkSecurityGroupRuleCounter", "enabled": True}
SETTINGS = "microsoft.insights/diagnosticsettings"

CASES = (
    Case("all logs", "silent", ID, (an_nsg(), a_setting(on=NSG_ID)), CENTRAL),
    Case("both categories", "silent", ID, (an_nsg(), a_setting(on=NSG_ID, logs=[EVENT, COUNTER])), CENTRAL),
    Case("no setting", "speaks", ID, (an_nsg(),), CENTRAL, "medium", ID),
    Case("one category of two", "speaks", ID, (an_nsg(), a_setting(on=NSG_ID, logs=[EVENT])), CENTRAL),
    Case(
        "a category turned off",
        "speaks",
        ID,
        (an_nsg(), a_setting(on=NSG_ID, logs=[EVENT, {**COUNTER, "enabled": False}])),
        CENTRAL,
    ),
    Case(
        "another workspace",
        "speaks",
        ID,
        (an_nsg(), a_setting(on=NSG_ID, workspace=f"{WORKSPACE}2")),
        CENTRAL,
    ),
    Case("settings are not shown", "unknown", ID, (an_nsg(),), CENTRAL, unread=(SETTINGS,)),
    Case("no central workspace, no setting", "speaks", ID, (an_nsg(),)),
)
