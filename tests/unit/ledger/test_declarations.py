"""The book of declarations: one row a resource, the younger word wins, a bad row stops only itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from remediation.adapters.memory.storage import MemoryLedger
from remediation.declared.declaration import Declaration, Source
from remediation.declared.standing import in_force, is_stale
from remediation.errors import UnreadableError
from remediation.ledger.declaring.declarations import PARTITION, Declarations
from remediation.resource_id import ResourceId
from tests.builders import (
    BASTION_ID,
    NIC_ID,
    NSG_ID,
    WEB,
    Document,
    a_bastion,
    a_nic,
    a_rule,
    a_setting,
    an_nsg,
)
from tests.unit.declared.declaring import declaration, template

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def said(document: Document, at: datetime | None, name: str = "deployment 7") -> Declaration:
    return replace(declaration(template(document)), source=Source("deployment", name, at, by="pipeline"))


def test_what_was_declared_is_read_back_as_it_was() -> None:
    book = Declarations(MemoryLedger())
    one = said(an_nsg(a_rule()), NOW)

    assert book.keep(one, NOW)

    assert book.of(NSG_ID) == one
    assert book.of(BASTION_ID) is None


def test_the_younger_word_wins_in_whatever_order_they_come() -> None:
    older, younger = said(an_nsg(a_rule()), NOW - DAY, "of yesterday"), said(an_nsg(), NOW, "of today")
    for first, second in ((older, younger), (younger, older)):
        book = Declarations(MemoryLedger())
        book.keep(first, NOW)
        assert book.keep(second, NOW) is (second is younger)
        assert book.of(NSG_ID) == younger


def test_a_word_without_a_moment_is_the_oldest_and_the_second_of_one_moment_counts() -> None:
    undated, dated, again = said(an_nsg(), None), said(an_nsg(), NOW), said(an_nsg(), NOW, "again")
    assert in_force(dated, undated) is dated
    assert in_force(undated, dated) is dated
    assert in_force(dated, again) is again


def test_a_declaration_that_nobody_renewed_is_stale() -> None:
    one = said(an_nsg(), NOW - 91 * DAY)
    assert is_stale(one, NOW, 90)
    assert not is_stale(one, NOW, 92)
    assert not is_stale(one, NOW, 0)
    assert not is_stale(said(an_nsg(), NOW - 90 * DAY), NOW, 90)


def test_one_row_for_each_resource_and_a_name_takes_its_own_with_it() -> None:
    ledger = MemoryLedger()
    book = Declarations(ledger)
    one, other = said(an_nsg(a_rule()), NOW, "main"), said(a_bastion(), NOW, "hub")
    assert book.keep_all([one, other, said(an_nsg(), NOW + DAY, "main")], NOW) == 3
    assert book.names() == {"main": 1, "hub": 1}
    assert len(ledger.rows("declared")) == 2

    assert book.remove("main") == 1

    assert book.all() == [other]
    assert book.remove("main") == 0


@pytest.mark.parametrize("value", [{"odd": 1}, {"declaration": {"id": "x"}, "kept": "2026-01-01T00:00:00Z"}])
def test_a_row_that_cannot_be_read_stops_only_itself(value: Document) -> None:
    ledger = MemoryLedger()
    book = Declarations(ledger)
    book.keep(said(an_nsg(), NOW), NOW)
    (row,) = ledger.rows("declared")
    ledger.put("declared", row.key, value)
    book.keep(said(a_bastion(), NOW), NOW)

    assert [one.id for one in book.all()] == [BASTION_ID]
    with pytest.raises(UnreadableError):
        book.of(NSG_ID)
    with pytest.raises(UnreadableError):
        book.keep(said(an_nsg(), NOW), NOW)


def test_a_large_declaration_is_one_row() -> None:
    book = Declarations(MemoryLedger())
    rules = [a_rule(f"rule-{number}", 100 + number) for number in range(1000)]
    book.keep(said(an_nsg(*rules), NOW), NOW)
    found = book.of(ResourceId.parse(f"{WEB}/networkSecurityGroups/web"))
    assert found is not None
    assert len(found.document["properties"]["securityRules"]) == 1000


def test_what_a_sweep_compares_is_told_apart_and_a_row_about_nothing_stops_no_other() -> None:
    ledger = MemoryLedger()
    book = Declarations(ledger)
    on_group, on_nic = (a_setting("logs", on=host) for host in (NSG_ID, NIC_ID))
    for document in (an_nsg(), a_nic(), on_group, on_nic):
        book.keep(said(document, NOW), NOW)
    row = next(row for row in ledger.rows(PARTITION) if row.value["id"] == NSG_ID.text)
    ledger.insert(PARTITION, "about nothing", {**row.value, "id": "web"})

    found = book.to_sweep()

    assert {NIC_ID, ResourceId.parse(on_nic["id"])} == set(found.alone)
    assert {NSG_ID} == found.hosts
    assert {NSG_ID} == found.targets
