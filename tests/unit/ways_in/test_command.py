"""The command: what it takes, what it says of a mistake, and its exit status."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from remediation.baseline import Baseline
from remediation.cli import main, parser_of
from remediation.cli.estates import ways_in
from remediation.errors import InputError
from remediation.estates.ways_in import Source
from remediation.kinds import NIC
from remediation.model import Listing
from remediation.ways.report import Machine, Report
from tests.builders import NIC_ID, SUBSCRIPTION, Document, a_vnet
from tests.unit.scan.test_live import subscription as live_subscription
from tests.unit.ways_in.samples import HUB, machine_id, report, resource, way

type Output = pytest.CaptureFixture[str]

SSH = machine_id("vm-app-01")
TWIN = resource("virtualMachines", "vm-app-01", "rg-other", "Microsoft.Compute")


@dataclass
class Judged:
    """An engine whose answer is known; `ports` is what it was asked about."""

    answer: Report = field(default_factory=lambda: report(5))
    ports: Sequence[int] = ()

    def __call__(self, source: Source, baseline: Baseline, ports: Sequence[int] = ()) -> Report:
        self.ports = tuple(ports)
        return self.answer


@dataclass(frozen=True)
class Desk:
    """Somebody at a terminal with an estate in a folder."""

    folder: Path
    capture: Output

    def asked(self, *arguments: str, engine: Judged | None = None) -> tuple[int, str]:
        """Exit status, and what is printed."""
        parsed = self.parsed(*arguments)
        status = ways_in.run(parsed, engine or Judged())
        return status, self.capture.readouterr().out

    def mistakes(self, *arguments: str) -> tuple[str, ...]:
        with pytest.raises(InputError) as caught:
            ways_in.run(self.parsed(*arguments), Judged())
        return caught.value.mistakes

    def parsed(self, *arguments: str) -> argparse.Namespace:
        return parser_of("ways-in").parse_args(["--estate", self.file([a_vnet()]), *arguments])

    def file(self, documents: list[Document], name: str = "estate.json") -> str:
        path = self.folder / name
        path.write_text(json.dumps(documents))
        return str(path)


@pytest.fixture
def desk(tmp_path: Path, capsys: Output) -> Desk:
    return Desk(tmp_path, capsys)


def test_json_is_the_report_and_nothing_else(desk: Desk) -> None:
    status, text = desk.asked("--format", "json")

    assert (0, report(5).to_json()) == (status, json.loads(text))


def test_the_table_is_what_people_get(desk: Desk) -> None:
    status, text = desk.asked()

    assert 0 == status
    assert "SSH open to the whole internet through public IP" in " ".join(text.split())


def test_an_open_way_fails_only_where_that_was_asked_for(desk: Desk) -> None:
    calm = Judged(Report((Machine(SSH, HUB, ways=(way(SSH, "closed"),)),)))

    assert 0 == desk.asked()[0]
    assert 1 == desk.asked("--fail-on-open")[0]
    assert 0 == desk.asked("--fail-on-open", engine=calm)[0]


def test_one_machine_is_found_by_its_name_and_by_its_id_without_case(desk: Desk) -> None:
    for asked in ("VM-app-01", SSH.text.upper()):
        _, text = desk.asked("--machine", asked, "--format", "json")
        assert [SSH.text] == [machine["id"] for machine in json.loads(text)["machines"]]


def test_the_exit_status_is_about_the_machine_that_was_asked_for(desk: Desk) -> None:
    assert 0 == desk.asked("--machine", "vm-web-00", "--fail-on-open")[0]


def test_an_instance_is_found_with_the_name_of_its_scale_set(desk: Desk) -> None:
    sets = resource("virtualMachineScaleSets", "vmss", "rg-app", "Microsoft.Compute")
    instances = tuple(Machine(sets.child("virtualMachines", name), HUB) for name in ("0", "1"))

    _, text = desk.asked("--machine", "vmss/1", "--format", "json", engine=Judged(Report(instances)))

    assert [instances[1].id.text] == [machine["id"] for machine in json.loads(text)["machines"]]


def test_a_machine_that_is_not_there_is_bad_input(desk: Desk) -> None:
    assert ("--machine vm-none: no such machine in what was read",) == desk.mistakes("--machine", "vm-none")


def test_a_name_that_several_have_is_answered_with_their_ids(desk: Desk) -> None:
    twins = Report((Machine(SSH, HUB), Machine(TWIN, HUB)))

    with pytest.raises(InputError) as caught:
        ways_in.run(desk.parsed("--machine", "vm-app-01"), Judged(twins))

    (line,) = caught.value.mistakes
    assert "2 machines have this name, give an id" in line
    assert all(each.text in line for each in (SSH, TWIN))


def test_ports_are_asked_about_each_once_and_the_baselines_are_left_to_the_engine(desk: Desk) -> None:
    engine = Judged()

    desk.asked("--port", "22", "443", "--port", "22", engine=engine)
    asked = engine.ports
    desk.asked(engine=engine)

    assert ((22, 443), ()) == (asked, engine.ports)


def test_every_mistake_is_one_line_and_all_are_named_at_once(desk: Desk) -> None:
    nowhere = str(desk.folder / "no" / "page.html")

    found = desk.mistakes("--port", "ssh", "70000", "--output", nowhere, "--open-world", "nics")

    assert 4 == len(found)
    assert ["--port ssh", "--port 70000", "--open-world nics", f"--output {nowhere}"] == [
        line.partition(":")[0] for line in found
    ]


def test_an_output_that_is_a_folder_or_empty_is_bad_input(desk: Desk) -> None:
    for path in (str(desk.folder), ""):
        assert (f"--output {path}: not a file to write to",) == desk.mistakes("--output", path)


def test_an_output_that_cannot_be_written_is_bad_input(desk: Desk) -> None:
    too_long = str(desk.folder / ("x" * 300))

    (line,) = desk.mistakes("--output", too_long)

    assert line.startswith(f"--output {too_long}: cannot be written: ")


def test_files_that_cannot_be_read_end_the_command_with_two(capsys: Output) -> None:
    assert 2 == main(["ways-in", "--estate", "nowhere.json", "--baseline", "nowhere.yaml"])

    told = capsys.readouterr()
    assert ("", 2) == (told.out, len(told.err.splitlines()))
    assert all(line.startswith("remediation: ") for line in told.err.splitlines())
    assert all(name in told.err for name in ("nowhere.yaml", "nowhere.json"))


def test_nothing_to_judge_is_never_green(desk: Desk) -> None:
    assert (3, "") == desk.asked(engine=Judged(Report()))


def test_a_network_without_machines_is_an_answer(desk: Desk) -> None:
    status, text = desk.asked(engine=Judged(Report(networks=report(5).networks)))

    assert (0, "no machine is there\n") == (status, text)


def test_output_goes_into_the_file_in_every_format(desk: Desk) -> None:
    target = desk.folder / "out"
    for form, begin in (("html", "<!doctype html>"), ("json", "{"), ("table", "vnet-spoke-00")):
        assert (0, "") == desk.asked("--format", form, "--output", str(target))
        assert target.read_text().startswith(begin)
        assert "\x1b" not in target.read_text()


def test_a_subscription_is_read_as_it_is_now(capsys: Output) -> None:
    with live_subscription() as azure:

        def engine(source: Source, baseline: Baseline, ports: Sequence[int] = ()) -> Report:
            interfaces = source.list(Listing(NIC, f"/subscriptions/{SUBSCRIPTION}"))
            return Report(tuple(Machine(one.id, None) for one in interfaces))

        asked = parser_of("ways-in").parse_args(["--subscription", SUBSCRIPTION, "--format", "json"])
        status = ways_in.run(asked, engine, lambda *_: azure.live)

    machines = json.loads(capsys.readouterr().out)["machines"]
    assert (0, [NIC_ID.text]) == (status, [machine["id"] for machine in machines])


def test_a_subscription_is_an_id_and_open_world_is_for_files(capsys: Output) -> None:
    assert 2 == main(["ways-in", "--subscription", "prod", "--open-world", "Microsoft.Network/loadBalancers"])

    first, second = capsys.readouterr().err.splitlines()
    assert "not a subscription id" in first
    assert "--open-world: goes with --estate" in second
