from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import HOST, a_host

CASES = (
    Case("never sent, so off", "silent", HOST, (a_host(),)),
    Case("off", "silent", HOST, (a_host(enableShareableLink=False),)),
    Case("on", "speaks", HOST, (a_host(enableShareableLink=True),), severity="medium", on=HOST),
    Case("text instead of a switch", "unknown", HOST, (a_host(enableShareableLink="yes"),)),
    Case("a document without properties", "unknown", HOST, ({**a_host(), "properties": None},)),
)
