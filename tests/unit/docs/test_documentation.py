"""What the documentation says is what there is."""

import re
from pathlib import Path

import pytest

from remediation import baseline
from remediation.app.outlets import ONE_WEBHOOK
from remediation.cli import COMMANDS
from remediation.rules import registry
from tools.docs import DOCS, pages

ROOT = Path(__file__).resolve().parents[3]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "lab" / "README.md",
    *sorted(DOCS.rglob("*.md")),
]
SETTINGS_READ = re.compile(r'"([A-Z_]{6,})"')


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_what_its_source_generates_now(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_a_page_names_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^    |`)make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"python -m remediation ([a-z-]+)", page.read_text()))
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def test_every_setting_is_explained_and_every_explained_setting_is_read() -> None:
    read = set(SETTINGS_READ.findall((ROOT / "remediation" / "app" / "settings.py").read_text()))
    read -= {"IDENTITY_ENDPOINT", "WEBSITE_SITE_NAME", "WEBSITE_AUTH_ENABLED"}  # set by Azure itself,
    read -= {"WEBSITE_HOSTNAME"}  # and so is this
    read -= {"ARM_ENDPOINT", "ARM_STATIC_TOKEN", "DRIFT_TOPIC_KEY", "TEAMS_ALLOW_ANY_HOST"}  # of the lab
    read |= {ONE_WEBHOOK}  # anew for each card, as the secrets of all channels
    table = (ROOT / "README.md").read_text()
    explained = set(re.findall(r"`([A-Z_]{4,})`", table))
    assert read == explained & read
    assert explained <= read | {"SEED", "STORAGE", "PYTHON"}


def test_the_example_baseline_is_one_and_writes_nothing() -> None:
    text = (ROOT / "examples" / "baseline.yaml").read_text()
    assert baseline.read(text, known_rules=list(registry())).mode == "observe"
