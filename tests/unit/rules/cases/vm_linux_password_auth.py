from typing import Any

from tests.builders import VM_ID
from tests.unit.rules.case import Case
from tests.unit.rules.estates_nsg import a_machine

KEYS = {"disablePasswordAuthentication": True}


def case(name: str, says: Any, system: str | None = "Linux", **profile: Any) -> Case:
    return Case(
        name, says, VM_ID, (a_machine(system, **profile),), severity="info" if says == "speaks" else None
    )


CASES = (
    case("keys only", "silent", computerName="vm1", linuxConfiguration=KEYS),
    case("Windows", "silent", "Windows", windowsConfiguration={}),
    case("Windows made from a finished disk", "silent", "windows"),
    case("Windows by its profile", "silent", None, windowsConfiguration={"provisionVMAgent": True}),
    case("passwords", "speaks", linuxConfiguration={"disablePasswordAuthentication": False}),
    case("nothing said", "speaks", linuxConfiguration={"provisionVMAgent": True}),
    case("no Linux configuration", "speaks", computerName="vm1"),
    case("text instead of true", "speaks", linuxConfiguration={"disablePasswordAuthentication": "true"}),
    case("a property in wrong case", "speaks", linuxConfiguration={"DisablePasswordAuthentication": True}),
    case("by its profile", "speaks", None, linuxConfiguration={"disablePasswordAuthentication": False}),
    case("made from a finished disk", "unknown"),
    case("no system named anywhere", "unknown", None, computerName="vm1"),
)
