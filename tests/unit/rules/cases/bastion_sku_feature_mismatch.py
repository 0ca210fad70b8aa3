from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import HOST, a_connection, a_developer_host, a_host, a_wan_hub, the_hub

ASKS_FOR_IP = a_host("Basic", enableIpConnect=True)

CASES = (
    Case(
        "every switch of Standard",
        "silent",
        HOST,
        (a_host(enableTunneling=True, enableFileCopy=True, scaleUnits=50),),
    ),
    Case("Basic that shows no switch", "silent", HOST, (a_host("Basic"),)),
    Case("switches sent as off", "silent", HOST, (a_host("Basic", enableTunneling=False),)),
    Case("Kerberos is in every SKU", "silent", HOST, (a_developer_host(enableKerberos=True),)),
    Case(
        "tunnelling on Basic",
        "speaks",
        HOST,
        (a_host("Basic", enableTunneling=True),),
        severity="low",
        on=HOST,
    ),
    Case("recording on Standard", "speaks", HOST, (a_host(enableSessionRecording=True),), severity="low"),
    Case("a host without SKU is Basic", "speaks", HOST, (a_host(None, enableFileCopy=True),), severity="low"),
    Case("Basic with four scale units", "speaks", HOST, (a_host("Basic", scaleUnits=4),), severity="low"),
    Case("more scale units than there are", "speaks", HOST, (a_host("Premium", scaleUnits=51),)),
    Case("IP connection nobody needs", "speaks", HOST, (ASKS_FOR_IP, the_hub()), severity="low"),
    Case(
        "IP connection the Virtual WAN needs",
        "speaks",
        HOST,
        (ASKS_FOR_IP, the_hub(), a_wan_hub(), a_connection()),
        severity="high",
    ),
    Case(
        "private-only without a public address",
        "speaks",
        HOST,
        (a_host("Standard", address=None, enablePrivateOnlyBastion=True),),
        severity="high",
    ),
    Case("a feature of next year", "unknown", HOST, (a_host(enableTelepathy=True),)),
    Case("a feature of next year that is off", "silent", HOST, (a_host(enableTelepathy=False),)),
    Case("a SKU of next year", "unknown", HOST, (a_host("Ultra", enableTunneling=True),)),
    Case("text instead of a switch", "unknown", HOST, (a_host("Basic", enableTunneling="true"),)),
    Case("scale units that are no number", "unknown", HOST, (a_host("Basic", scaleUnits="two"),)),
)
