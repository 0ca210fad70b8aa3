"""Commands to type: what bash makes of them, what they leave out, and what no shell may be handed."""

import json
import shlex
import shutil
import subprocess
from dataclasses import replace

import pytest

from remediation.landing_zone import commands
from remediation.model import Applicability, Fix, Write
from tests.builders import NSG_ID, a_rule

HOSTILE_FOR_BASH = [
    "plain", "two words", "it's", "$(touch owned)", "`touch owned`", "a;touch owned", "$HOME",
    "~", "*", "r-f", 'say "hi"', "a\\b", "#x", "{a,b}", "(x)", "",
]  # fmt: skip


def test_bash_hands_every_argument_over_as_it_is() -> None:
    """The line is pasted into a real bash, in which `az` is a function that prints what it was given."""
    bash = shutil.which("bash")
    assert bash is not None
    line = commands.words("az x", *HOSTILE_FOR_BASH)

    run = subprocess.run(
        [bash, "--norc", "-i"],
        input=f"az() {{ printf '%s\\0' \"$@\"; }}\n{line}\nexit\n",
        capture_output=True,
        text=True,
        check=True,
    )

    given = run.stdout.split("\0")[:-1]
    assert ["x", *HOSTILE_FOR_BASH] == given


@pytest.mark.parametrize(
    "hostile",
    [
        "a&calc",
        "a|calc",
        "a>b",
        "a<b",
        "a^b",
        "%PATH%",
        "a!b",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\x1bb",
        "a\u202eb",
        "a\u200bb",
        "a\u2019;calc;\u2018b",
        "a\u201d;calc;\u201cb",
        "@/home/alice/.ssh/id_rsa",
        "-h",
        "-rf",
        "--name=b",
    ],
)
def test_what_another_shell_would_run_or_nobody_would_see_leaves_the_command_out(hostile: str) -> None:
    assert commands.LEFT_OUT == commands.words("az group delete", "--name", hostile)
    assert commands.LEFT_OUT.startswith("# ")


def a_change(**after: object) -> Fix:
    before = a_rule("ssh", destinationPortRange="22", sourceAddressPrefix="*")
    changed = {"properties": {**before["properties"], **after}}
    identity = NSG_ID.child("securityRules", "ssh")
    write = Write("PUT", identity, changed, if_match='W/"7"')
    return Fix("narrow it", Applicability.SAFE, (write,), before={identity.key: before})


def test_a_change_of_a_rule_is_the_cli_s_own_verb_with_what_changes_alone() -> None:
    (line,) = commands.for_fix(
        a_change(sourceAddressPrefix=None, sourceAddressPrefixes=["10.0.0.0/8", "20.1.1.1"])
    )

    assert line.endswith(
        f"az network nsg rule update --ids {NSG_ID}/securityRules/ssh"
        " --source-address-prefixes 10.0.0.0/8 20.1.1.1"
    )


def test_a_command_begins_with_a_look_whether_the_rule_is_still_as_it_was_read() -> None:
    (line,) = commands.for_fix(a_change(access="Deny"))

    look = f"az network nsg rule show --ids {NSG_ID}/securityRules/ssh --query etag --output tsv"
    assert line.startswith(f"""test "$({look})" = 'W/"7"' && az network nsg rule update """)


def test_steps_of_one_repair_are_one_line_that_stops_where_a_step_fails() -> None:
    change = a_change(access="Deny")
    more = Write("DELETE", NSG_ID.child("securityRules", "rdp"), if_match='W/"7"')

    (line,) = commands.for_fix(replace(change, writes=(*change.writes, more)))

    assert line.count(" && ") == 2
    assert line.endswith(f"az network nsg rule delete --ids {NSG_ID}/securityRules/rdp")


def test_a_rule_of_machines_by_group_is_written_whole() -> None:
    """The verb cannot clear prefixes and name groups of machines in one step."""
    (line,) = commands.for_fix(a_change(sourceApplicationSecurityGroups=[{"id": "x"}]))

    assert " && az rest --method put " in line


def test_a_new_rule_is_created() -> None:
    body = a_rule("ssh", destinationPortRange="22")

    line = commands.for_write(Write("PUT", NSG_ID.child("securityRules", "ssh"), body))

    assert line.startswith("az network nsg rule create --resource-group rg-web --nsg-name web --name ssh ")
    assert "--subscription 11111111-2222-3333-4444-555555555555" in line


def test_a_place_that_is_not_known_is_not_asked_for() -> None:
    assert "--location" not in commands.create_nsg(NSG_ID, "")
    assert "--location westeurope" in commands.create_nsg(NSG_ID, "westeurope")


def test_a_version_that_a_shell_could_run_leaves_the_command_out() -> None:
    change = a_change(access="Deny")
    hostile = replace(change.writes[0], if_match="a|calc")

    assert commands.for_fix(replace(change, writes=(hostile,))) == (commands.LEFT_OUT,)


def test_descriptions_are_left_out_of_a_write() -> None:
    """They are sentences of somebody else's, and say nothing to Azure."""
    rule = a_rule("web", description="& calc", sourceAddressPrefix="10.0.0.0/8")
    body = {"properties": {"description": "| calc", "securityRules": [rule]}}

    line = commands.for_write(Write("PUT", NSG_ID, body))

    words = shlex.split(line)
    sent = json.loads(words[words.index("--body") + 1])
    assert "calc" not in line
    (kept,) = sent["properties"]["securityRules"]
    assert "10.0.0.0/8" == kept["properties"]["sourceAddressPrefix"]
