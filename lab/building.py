"""From an estate's PUT bodies to what a GET returns: the lab's own ARM makes the documents.

Nobody hears of it: the estate is there before anything is watched, so neither events nor log show it.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec
from multidict import CIMultiDict

from lab.arm import ids
from lab.arm.answering import handle
from lab.arm.arm import Arm
from lab.arm.calls import Call
from lab.arm.changes import Changes
from lab.estate import Body, Estate

API_VERSION = "2025-05-01"
CALLER = "platform-team"


def build(arm: Arm, estate: Estate) -> None:
    """Put the whole estate into an ARM; raises ValueError with ARM's own words if it refuses a part."""
    with _unheard(arm):
        for body in estate.requests:
            _put(arm, body)
            arm.settle()


@contextlib.contextmanager
def _unheard(arm: Arm) -> Iterator[None]:
    """Operations end at once, and neither listeners, log nor buckets keep anything of them."""
    changes, arm.changes = arm.changes, Changes()
    interval, arm.settings.poll_interval = arm.settings.poll_interval, 0
    try:
        yield
    finally:
        arm.changes, arm.settings.poll_interval = changes, interval
        arm.throttle.reset()
        arm.log.clear()


def documents(estate: Estate) -> list[Body]:
    """The estate as a list of ARM documents, with back references: an estate file for `scan`."""
    arm = Arm()
    build(arm, estate)
    wanted = (arm.store.get(request["id"]) for request in estate.requests)
    return [arm.store.view(record) for record in wanted if record is not None]


def _put(arm: Arm, body: Body) -> None:
    path = body["id"]
    sent = {key: value for key, value in body.items() if key != "id"}
    answer = handle(arm, _call(path, sent))
    if answer.status >= 300:
        said = (answer.body or b"").decode()
        raise ValueError(f"the estate does not build: PUT {path} gave {answer.status}: {said}")


def _call(path: str, body: Any) -> Call:
    return Call(
        method="PUT",
        path=ids.parse(path),
        query={"api-version": API_VERSION},
        headers=CIMultiDict(),
        caller=CALLER,
        base="http://127.0.0.1",
        raw_path=path,
        body=msgspec.json.encode(body),
    )
