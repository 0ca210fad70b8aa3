"""What a team's files declare, given to the app: taken in once, held against what is there, taken back."""

from dataclasses import dataclass
from datetime import timedelta

import msgspec
import pytest

from remediation.adapters.storage.declared_files import MemoryDeclaredFiles
from remediation.baseline import DeclaredPolicy
from remediation.declared.declaration import Declared
from remediation.declared.files import declared_in
from remediation.errors import InputError
from remediation.on_call.declaring.files import Declarer
from remediation.reconciling.declaring.files import TakingIn
from tests.builders import NSG_ID, SUBSCRIPTION, Document, a_baseline, a_rule, an_nsg
from tests.story.core.world import World
from tests.story.declared.pipeline import (
    DECLARED,
    OFFICE,
    WEB,
    a_pipelines_baseline,
    a_world,
    changes,
    deploys,
    passes,
    said,
)
from tests.unit.declared.declaring import template

EXTRA = a_rule("for-a-minute", 400, destinationPortRange="8443", sourceAddressPrefix="*")
FILES = DeclaredPolicy(files=True)


def snapshot(*documents: Document) -> Declared:
    """What a Bicep snapshot of some documents declares."""
    told = {
        "predictedResources": [{**template(one), "type": one["type"]} for one in documents],
        "diagnostics": [],
    }
    return declared_in("main.snapshot.json", msgspec.json.encode(told))


@dataclass
class Town:
    """An app with a container of declarations."""

    world: World
    files: MemoryDeclaredFiles
    speaks: bool = False

    def declares(self, *documents: Document, name: str = "stack-web", watched: str = SUBSCRIPTION) -> None:
        self.declarer(watched).declare(snapshot(*documents), name)

    def declarer(self, watched: str = SUBSCRIPTION) -> Declarer:
        return Declarer(self.files, self.world.ledger, self.world.clock, {watched}, "bob@contoso.example")

    def takes_in(self) -> int:
        def speak(some: bool) -> None:
            self.speaks = some

        return TakingIn(self.files, self.world.ports, {SUBSCRIPTION}, speak).run()


@pytest.fixture
def town() -> Town:
    return Town(a_world(baseline=a_baseline(declared=FILES)), MemoryDeclaredFiles())


def test_what_a_file_declares_is_held_against_what_somebody_makes_of_it(town: Town) -> None:
    town.declares(an_nsg(WEB, OFFICE))
    town.takes_in()
    town.world.cloud.seed(an_nsg(WEB, OFFICE, EXTRA))

    changes(town.world)
    town.world.run()

    record = town.world.findings()[DECLARED]
    assert ("fixed", "stack-web") == (record.state, record.evidence["declaredBy"])
    assert {"allow-web", "allow-ssh"} == set(town.world.rules())


def test_a_sweep_finds_what_differed_before_the_file_came_and_only_proposes(town: Town) -> None:
    town.world.cloud.seed(an_nsg(WEB, OFFICE, EXTRA))
    changes(town.world)
    town.declares(an_nsg(WEB, OFFICE))

    town.takes_in()
    town.world.run()

    assert "propose" == town.world.findings()[DECLARED].disposition
    assert [] == town.world.writes


def test_a_sweep_in_which_nothing_differs_looks_at_nothing(town: Town) -> None:
    changes(town.world)
    town.declares(an_nsg(WEB, OFFICE))
    town.takes_in()
    town.world.run()
    asked = len(town.world.cloud.reads)

    town.declares(an_nsg(WEB, OFFICE))
    town.takes_in()
    outcomes = town.world.run()

    assert [] == [one.target for one in outcomes if one.target.lower() == NSG_ID.key]
    assert len(town.world.cloud.reads) - asked < 20


def test_a_file_is_taken_in_once_for_each_version_and_a_later_one_replaces_it(town: Town) -> None:
    town.declares(an_nsg(WEB))
    assert (1, 0) == (town.takes_in(), town.takes_in())
    passes(town.world, timedelta(minutes=1))
    town.declares(an_nsg(WEB, OFFICE))

    assert 1 == town.takes_in()
    found = said(town.world)
    assert found is not None
    assert 2 == len(found.document["properties"]["securityRules"])
    assert town.speaks


def test_what_is_removed_speaks_no_more(town: Town) -> None:
    town.declares(an_nsg(WEB))
    town.takes_in()

    town.declarer().remove("stack-web")

    assert 1 == town.takes_in()
    assert said(town.world) is None
    assert not town.speaks


def test_of_a_file_and_a_deployment_the_younger_word_wins(town: Town) -> None:
    world = town.world
    world.baseline = a_pipelines_baseline()
    town.declares(an_nsg(WEB))
    town.takes_in()
    passes(world, timedelta(minutes=1))

    deploys(world, deployment="7d1f0000")
    assert "deployment 7d1f0000" == said(world).source.name  # type: ignore[union-attr]
    passes(world, timedelta(minutes=1))
    town.declares(an_nsg(WEB))
    town.takes_in()

    assert "stack-web" == said(world).source.name  # type: ignore[union-attr]
    assert [False] == [one.taken is None for one in town.declarer().listed()]


def test_what_was_declared_is_listed_with_what_is_in_force(town: Town) -> None:
    town.declares(an_nsg(WEB))
    (waiting,) = town.declarer().listed()
    town.takes_in()
    (taken,) = town.declarer().listed()

    assert (False, True) == (waiting.is_taken, taken.is_taken)
    assert ("stack-web", 1, "bob@contoso.example") == (taken.name, taken.count, taken.by)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"name": "x"}', b"\x00"])
def test_what_declare_did_not_put_there_changes_nothing_and_is_named(town: Town, content: bytes) -> None:
    town.declares(an_nsg(WEB))
    town.takes_in()
    town.files.put("stack-web.json", content)

    assert 0 == town.takes_in()
    assert said(town.world) is not None
    (listed,) = town.declarer().listed()
    assert listed.taken is not None
    assert "not what `declare` puts there" in listed.taken.mistake


def test_a_snapshot_of_another_subscription_is_refused_and_nothing_of_it_taken(town: Town) -> None:
    with pytest.raises(InputError, match="and the app watches another; nothing of it was taken"):
        town.declares(an_nsg(WEB), watched="another")

    assert {} == town.files.versions()


@pytest.mark.parametrize("name", ["", "a/b", "../x", "x" * 101, ".hidden"])
def test_a_name_that_is_no_name_is_refused(town: Town, name: str) -> None:
    with pytest.raises(InputError, match="--as"):
        town.declares(an_nsg(WEB), name=name)


def test_removing_what_is_not_there_says_what_is(town: Town) -> None:
    town.declares(an_nsg(WEB))

    with pytest.raises(InputError, match="there are: stack-web"):
        town.declarer().remove("another")
