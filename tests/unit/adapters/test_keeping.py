"""Leases are renewed while work is done, and nobody renews for nobody."""

import threading

from remediation.adapters.keeping import Keeper
from remediation.errors import TransientError

SOON = 0.001
PATIENCE = 20.0


class Renewals:
    """Something to renew: counts, and tells when it was renewed so many times."""

    def __init__(self, wanted: int = 1, *, answer: bool = True, error: Exception | None = None) -> None:
        self.count = 0
        self.enough = threading.Event()
        self._wanted = wanted
        self._answer = answer
        self._error = error

    def __call__(self) -> bool:
        self.count += 1
        if self.count >= self._wanted:
            self.enough.set()
        if self._error is not None:
            raise self._error
        return self._answer


def test_a_lease_is_renewed_again_and_again_while_the_work_lasts() -> None:
    renewals = Renewals(wanted=3)

    with Keeper()(renewals, SOON):
        assert renewals.enough.wait(PATIENCE)


def test_several_leases_are_renewed_side_by_side() -> None:
    keeper, one, two = Keeper(), Renewals(wanted=2), Renewals(wanted=2)

    with keeper(one, SOON), keeper(two, SOON):
        assert one.enough.wait(PATIENCE)
        assert two.enough.wait(PATIENCE)


def test_a_renewal_that_fails_is_tried_again() -> None:
    renewals = Renewals(wanted=3, error=TransientError("the ledger does not answer"))

    with Keeper()(renewals, SOON):
        assert renewals.enough.wait(PATIENCE)


def test_what_is_lost_is_renewed_no_more() -> None:
    keeper, lost, other = Keeper(), Renewals(answer=False), Renewals(wanted=5)

    with keeper(lost, SOON), keeper(other, SOON):
        assert other.enough.wait(PATIENCE)

    assert 1 == lost.count


def test_the_thread_ends_with_the_last_work_and_begins_with_the_next() -> None:
    keeper = Keeper()
    for _ in range(2):
        renewals, others = Renewals(), set(threading.enumerate())
        with keeper(renewals, SOON):
            assert renewals.enough.wait(PATIENCE)
            [thread] = [one for one in set(threading.enumerate()) - others if one.name == "leases"]
        thread.join(PATIENCE)
        assert not thread.is_alive()
