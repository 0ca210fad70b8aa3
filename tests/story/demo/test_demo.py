"""The whole demo, as a person would start it."""

import re
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.story.demo.running import PLAIN, ROOT, Run, command, run

KEYS = {
    "stories", "events", "duplicatesSent", "armReads", "armWrites", "announcements", "cards",
    "secondsToRepaired",
}  # fmt: skip
STORIES = {
    "management-ports-opened", "bastion-diagnostics-deleted", "basic-bastion-in-production",
    "public-ip-attached", "resolved-by-hand", "delivered-twice-out-of-order", "own-writes-come-back",
    "pipelines-word",
}  # fmt: skip
LOADS = re.compile(r"""(?:src|srcset|poster|data|@import|url\()\s*=?\s*["']?(?:https?:)?//""", re.IGNORECASE)
SUBSCRIPTION = re.compile(r"/subscriptions/[-0-9a-f]{36}")
NO_WRITES = (
    '{"match": {"method": "PUT", "path": "*/securityrules/*", "caller": "bastion-guard"},'
    ' "effect": {"preset": "forbidden"}}'
)


SEEDS = (3, 8)
"""Between them they use both event schemas."""


@pytest.fixture(scope="module")
def plays(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Run]:
    """One run for each seed."""
    return {seed: run(tmp_path_factory.mktemp("demo"), "--seed", str(seed)) for seed in SEEDS}


@pytest.fixture(params=SEEDS)
def played(request: pytest.FixtureRequest, plays: dict[int, Run]) -> Run:
    seed: int = request.param
    return plays[seed]


def test_every_story_ends_as_told(played: Run) -> None:
    assert (played.status, played.failed, played.errors) == (0, [], "")
    assert {story["name"] for story in played.figures["stories"]} == STORIES


def test_the_figures_have_exactly_their_keys_and_are_counted(played: Run) -> None:
    figures = played.figures
    assert set(figures) == KEYS
    assert (figures["armWrites"], figures["announcements"], figures["cards"]) == (4, 8, 8)
    assert figures["duplicatesSent"] >= figures["events"] > 0
    assert 0 < figures["secondsToRepaired"] < 60
    assert figures["armReads"] == sum(story["reads"] for story in figures["stories"])


def test_nothing_is_told_as_repaired_where_nothing_was_written(played: Run) -> None:
    for story in played.figures["stories"]:
        assert (story["secondsToRepaired"] is None) == (story["writes"] == 0), story["name"]


def test_what_is_piped_holds_no_control_characters_and_stays_narrow(played: Run) -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", played.output)
    assert max(map(len, played.output.splitlines()[:-2])) <= 80


def test_the_page_tells_each_story_and_loads_nothing(played: Run) -> None:
    for story in played.figures["stories"]:
        assert f'id="{story["name"]}"' in played.page
    without_scripts = re.sub(r"<script.*?</script>", "", played.page, flags=re.DOTALL)
    assert without_scripts.count('class="teams"') == played.figures["cards"]
    assert not LOADS.search(without_scripts)
    assert "default-src 'none'" in played.page


def test_the_story_of_port_22_comes_first_whatever_the_seed(played: Run) -> None:
    assert "management-ports-opened" == played.figures["stories"][0]["name"]


def test_two_teams_channels_stand_side_by_side_and_each_card_is_in_one(played: Run) -> None:
    channels = played.page.partition('id="channels"')[2].partition("</article>")[0]

    assert ["# platform", "# applications"] == re.findall(r"<h3>(# \w+)</h3>", channels)
    assert played.figures["cards"] == channels.count('class="glance"')


def test_what_a_person_values_stands_before_the_plumbing(played: Run) -> None:
    tiles = re.findall(r"<dt>(.*?)</dt>", played.page.partition('class="tiles"')[2].partition("</dl>")[0])

    assert ["less of open", "repaired, th", "cards, each "] == [tile[:12] for tile in tiles[:3]]


def test_a_command_wraps_between_its_words_alone(played: Run) -> None:
    plain = re.sub(r"<script.*?</script>", "", played.page, flags=re.DOTALL)

    assert '<span class="word">--exempt-for</span> <span class="word">4h</span>' in plain


def test_another_seed_is_another_play(plays: dict[int, Run]) -> None:
    one, other = plays.values()
    assert [story["name"] for story in one.figures["stories"]] != [
        story["name"] for story in other.figures["stories"]
    ]
    assert not set(re.findall(SUBSCRIPTION, one.page)) & set(re.findall(SUBSCRIPTION, other.page))
    assert ("as CloudEvents;" in one.page) != ("as CloudEvents;" in other.page)


def test_a_story_that_does_not_end_as_told_is_named_and_ends_with_status_1(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """ARM refuses the app's writes of rules, so the ports stay open and the demo has to say so."""
    played = run(tmp_path_factory.mktemp("demo"), "--seed", "5", "--fault", NO_WRITES)
    assert (played.status, played.failed) == (1, ["management-ports-opened", "pipelines-word"])
    assert "6 of 8 stories ended as told" in played.output
    assert "left: ['22', '3389', '443']" in " ".join(played.output.split())
    assert "Not as told" in played.page


@pytest.mark.parametrize(
    ("fault", "said"), [("{", "not JSON"), ("[]", "JSON object"), ('{"oops": 1}', "not a fault: oops")]
)
def test_a_fault_nobody_knows_is_bad_input(
    fault: str, said: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    played = run(tmp_path_factory.mktemp("demo"), "--fault", fault)
    assert (played.status, played.output) == (2, "")
    assert said in played.errors
    assert "Traceback" not in played.errors


@pytest.fixture
def heard_as_at_a_terminal() -> Iterator[None]:
    """Who starts the tests in the background has them, and what they start, ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_as_at_a_terminal")
def test_ctrl_c_ends_it_cleanly(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("demo")
    with subprocess.Popen(
        command(folder, "--seed", "4"),
        cwd=ROOT,
        env=PLAIN,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if line.startswith("2/8"):
                break
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()
        assert process.wait(20) == 130
    assert errors == "demo: interrupted; the lab is closed\n"
    assert not list(folder.iterdir())
