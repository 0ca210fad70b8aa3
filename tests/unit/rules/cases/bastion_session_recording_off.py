from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import HOST, a_host

CASES = (
    Case("recorded", "silent", HOST, (a_host("Premium", enableSessionRecording=True),)),
    Case("a SKU that cannot record", "silent", HOST, (a_host("Standard"),)),
    Case("Premium, never turned on", "speaks", HOST, (a_host("Premium"),), severity="info", on=HOST),
    Case("Premium, turned off", "speaks", HOST, (a_host("premium", enableSessionRecording=False),)),
    Case(
        "Premium, turned off, with a container to record to",
        "speaks",
        HOST,
        (a_host("Premium", sessionRecordingConfiguration={"blobContainerUri": "https://x/y"}),),
    ),
    Case("text instead of a switch", "unknown", HOST, (a_host("Premium", enableSessionRecording="on"),)),
    Case("a SKU of next year", "unknown", HOST, (a_host("Ultra"),)),
)
