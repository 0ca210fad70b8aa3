"""`exposure` as people and other tools call it: answers, bad input, warnings."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from remediation.cli import main
from tests.measured import PASSED_ON
from tests.unit.nsg.notation import NSG_ID, nsg, rule

OPEN = nsg("210 Allow Tcp *>*:22")
type Output = pytest.CaptureFixture[str]


def written(folder: Path, content: Any, name: str = "nsg.json") -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def asked(path: str, *more: str, port: str = "22") -> int:
    return main(["exposure", "--nsg", path, "--port", port, *more])


def answered(capsys: Output, path: str, *more: str) -> Any:
    assert asked(path, "--format", "json", *more) == 0
    return json.loads(capsys.readouterr().out)


def test_the_json_answer_has_exactly_the_fixed_keys(tmp_path: Path, capsys: Output) -> None:
    document = nsg("600 Allow Tcp 45.60.12.0/24>10.44.7.9:22 sp=1-1000")
    assert answered(capsys, written(tmp_path, document)) == {
        "id": NSG_ID,
        "verdict": "open",
        "port": 22,
        "protocol": "tcp",
        "publicSources": ["45.60.12.0/24"],
        "publicShare": 256 / 3_702_258_687,
        "unknownSources": [],
        "reason": None,
        "witness": {
            "source": "45.60.12.1",
            "sourcePort": 1,
            "destination": "10.44.7.9",
            "port": 22,
            "protocol": "tcp",
            "allowedBy": "rule0",
            "priority": 600,
        },
    }


def test_an_allow_from_anywhere_lists_the_whole_public_space(tmp_path: Path, capsys: Output) -> None:
    found = answered(capsys, written(tmp_path, OPEN))
    assert found["publicShare"] == 1
    assert "0.0.0.0/0" not in found["publicSources"]
    assert {"1.0.0.0/8", "168.63.129.17/32", "3000::/5"} <= set(found["publicSources"])


def test_a_list_is_answered_in_its_order_and_a_bad_element_is_unknown(tmp_path: Path, capsys: Output) -> None:
    path = written(tmp_path, [nsg(""), "nonsense", {"id": NSG_ID}, 7, OPEN])
    found = answered(capsys, path)
    assert [one["verdict"] for one in found] == ["closed", "unknown", "unknown", "unknown", "open"]
    assert found[1]["id"] is None
    assert found[1]["reason"]


def test_a_flattened_document_is_read_as_if_under_properties(tmp_path: Path, capsys: Output) -> None:
    flat = {"id": NSG_ID, "securityRules": [{"name": "ssh", **rule("210 Allow Tcp *>*:22")["properties"]}]}
    found = answered(capsys, written(tmp_path, flat))
    assert (found["verdict"], found["witness"]["allowedBy"]) == ("open", "ssh")
    only_defaults = {"id": NSG_ID, "defaultSecurityRules": []}
    assert answered(capsys, written(tmp_path, only_defaults))["verdict"] == "closed"


def test_the_nsg_of_a_nic_is_composed(tmp_path: Path, capsys: Output) -> None:
    nic = written(tmp_path, nsg(""), "nic.json")
    assert answered(capsys, written(tmp_path, OPEN), "--nic-nsg", nic)["verdict"] == "closed"


def test_udp_is_asked_about_by_name(tmp_path: Path, capsys: Output) -> None:
    path = written(tmp_path, nsg("210 Allow Udp *>*:22"))
    assert answered(capsys, path, "--protocol", "UDP")["verdict"] == "open"
    assert answered(capsys, path)["verdict"] == "closed"


def test_standard_input_can_be_read(capsys: Output) -> None:
    keyboard = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(json.dumps(OPEN).encode()))
    try:
        assert answered(capsys, "-")["verdict"] == "open"
    finally:
        sys.stdin = keyboard


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path, capsys: Output) -> None:
    """PowerShell writes UTF-16 when it redirects what a command prints."""
    path = tmp_path / "nsg.json"
    path.write_bytes(json.dumps(OPEN).encode("utf-16"))
    assert answered(capsys, str(path))["verdict"] == "open"


def test_the_table_says_who_gets_in_and_through_which_rule(tmp_path: Path, capsys: Output) -> None:
    path = written(tmp_path, [OPEN, nsg(""), nsg("600 Allow Tcp AzureCloud>*:22")])
    assert asked(path) == 0
    shown = capsys.readouterr().out
    for text in ("open", "closed", "unknown", "the whole internet", "rule0 (210)", "AzureCloud"):
        assert text in shown


BAD_FILES = [
    ("", "empty"),
    ("   \n", "empty"),
    ("{", "not JSON"),
    ('{"id": ', "line 1"),
    ("[]", "no JSON object"),
    ('["a", 1]', "no JSON object"),
    ('"text"', "neither"),
    ("null", "neither"),
    ("[" * 200_000, "not"),
    ('{"id": ' + "9" * 6000 + "}", "thousands of digits"),
]


@pytest.mark.parametrize(("content", "said"), BAD_FILES, ids=lambda value: str(value)[:12])
def test_a_bad_file_is_one_line_and_exit_2(tmp_path: Path, capsys: Output, content: str, said: str) -> None:
    path = written(tmp_path, content)
    assert asked(path) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"remediation: {path}: ")
    assert line.count("\n") == 1
    assert said in line


def test_bytes_that_are_no_text_are_one_line_and_exit_2(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "nsg.json"
    path.write_bytes(b'{"id": "\xff"}')
    assert asked(str(path)) == 2
    line = capsys.readouterr().err
    assert "not text" in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("path", "said"), [("", "an empty path"), ("a\nb", r"a\nb: "), ("a\0b", r"a\x00b: ")]
)
def test_a_path_that_names_no_file_is_one_line_and_exit_2(capsys: Output, path: str, said: str) -> None:
    assert asked(path) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path, capsys: Output) -> None:
    for path in (str(tmp_path / "absent.json"), str(tmp_path)):
        assert asked(path) == 2
        assert capsys.readouterr().err.startswith(f"remediation: {path}: cannot be read: ")


@pytest.mark.parametrize("port", ["99999", "-1", "ssh", "2 2", "", "22.0", "9" * 5000])
def test_a_port_that_is_none_is_one_line_and_exit_2(tmp_path: Path, capsys: Output, port: str) -> None:
    assert main(["exposure", "--nsg", written(tmp_path, OPEN), f"--port={port}"]) == 2
    line = capsys.readouterr().err
    assert "not a port" in line
    assert line.count("\n") == 1


def test_every_mistake_on_the_command_line_is_named(tmp_path: Path, capsys: Output) -> None:
    assert asked(written(tmp_path, OPEN), "--protocol", "sctp", port="99999") == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_a_list_cannot_be_composed(tmp_path: Path, capsys: Output) -> None:
    path = written(tmp_path, [OPEN])
    assert asked(path, "--nic-nsg", written(tmp_path, OPEN, "nic.json")) == 2
    assert "a list" in capsys.readouterr().err


def test_unreadable_rules_are_warned_about_by_nsg_rule_and_field(tmp_path: Path, capsys: Output) -> None:
    bad = nsg("210 Allow Tcp 10.0.0.0/40>*:22; 220 Allow Tcp *>*:80; 230 Allow Tcp *>*:443")
    rules = bad["properties"]["securityRules"]
    rules[1]["properties"]["priority"] = "abc"
    rules[2]["properties"]["direction"] = "Sideways"
    told = answered_with_warnings(capsys, written(tmp_path, bad))
    assert [line.rpartition(" is n")[0] for line in told] == [
        f'remediation: warning: {NSG_ID}: rule rule0: sourceAddressPrefix: "10.0.0.0/40"',
        f'remediation: warning: {NSG_ID}: rule rule1: priority: "abc"',
        f'remediation: warning: {NSG_ID}: rule rule2: direction: "Sideways"',
    ]


def answered_with_warnings(capsys: Output, path: str) -> list[str]:
    assert asked(path, "--format", "json") == 0
    seen = capsys.readouterr()
    assert json.loads(seen.out)["verdict"] == "unknown"
    return seen.err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--nsg, --port"),
        (["--nsg", "x"], "--port"),
        (["--nsg", "x", "--port", "22", "--format", "xml"], "xml"),
        (["--nsg", "x", "--port", "22", "more"], "more"),
    ],
)
def test_a_command_line_that_is_wrong_is_one_line_and_exit_2(
    capsys: Output, arguments: list[str], said: str
) -> None:
    assert main(["exposure", *arguments]) == 2
    line = capsys.readouterr().err
    assert line.startswith("remediation: ")
    assert line.count("\n") == 1
    assert said in line


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, form: str) -> None:
    path = written(tmp_path, [OPEN] * 2000)
    command = [sys.executable, "-m", "remediation", "exposure", "--nsg", path, "--port", "22"]
    with subprocess.Popen(
        [*command, "--format", form], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


def test_the_json_answer_does_not_pay_for_the_table(tmp_path: Path) -> None:
    code = "import sys; from remediation.cli import main; main(sys.argv[1:]); sys.exit('rich' in sys.modules)"
    path = written(tmp_path, OPEN)
    asked_for = ["exposure", "--nsg", path, "--port", "22", "--format", "json"]
    subprocess.run([sys.executable, "-c", code, *asked_for], check=True, stdout=subprocess.DEVNULL)


def test_the_table_fits_a_narrow_terminal(tmp_path: Path) -> None:
    path = written(tmp_path, [OPEN, nsg("600 Allow Tcp AzureCloud>*:22")])
    command = [sys.executable, "-m", "remediation", "exposure", "--nsg", path, "--port", "22"]
    shown = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "50"}
    )
    assert max(map(len, shown.stdout.splitlines())) <= 50
    assert "unknown" in shown.stdout


def test_the_table_loses_nothing_in_a_very_narrow_terminal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "remediation", "exposure", "--nsg", written(tmp_path, OPEN)]
    shown = subprocess.run(
        [*command, "--port", "22"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "20"},
    )
    for text in ("NSG", "open", "Who", "the whole", "Through", "rule0"):
        assert text in shown.stdout


def test_what_a_document_holds_cannot_steer_the_terminal(tmp_path: Path, capsys: Output) -> None:
    """Names and values are anybody's: half a surrogate pair, colours, lines of their own."""
    bad = nsg("210 Allow Tcp *>*:22; 220 Allow Tcp *>*:22")
    bad["id"] = "/subscriptions/x/\ud800name"
    first, second = bad["properties"]["securityRules"]
    first["name"] = "\x1b[2J\nfirst"
    second["properties"]["priority"] = "\x1b[2J\n"
    assert asked(written(tmp_path, bad)) == 0
    seen = capsys.readouterr()
    assert "\x1b" not in seen.out + seen.err
    for text in (r"\ud800name", r"\x1b[2J\nfirst"):
        assert text in seen.out
    assert seen.err.count("\n") == 1


def into(folder: Path, redirection: str) -> subprocess.CompletedProcess[str]:
    command = f'"{sys.executable}" -m remediation exposure --nsg "{written(folder, OPEN)}" --port 22'
    return subprocess.run(
        ["sh", "-c", f"{command} {redirection}"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | PASSED_ON,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    ended = into(tmp_path, "> /dev/full")
    assert (ended.returncode, ended.stderr.count("\n")) == (3, 1)
    assert ended.stderr.startswith("remediation: cannot go on: ")


def test_nobody_needs_to_listen(tmp_path: Path) -> None:
    for redirection in (">&-", "| head -c 1 > /dev/null"):
        ended = into(tmp_path, redirection)
        assert (ended.returncode, ended.stderr) == (0, "")
