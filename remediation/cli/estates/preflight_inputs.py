"""The change that `preflight` judges: which input it comes in, and where it goes.

Nothing is read online for it. A place that nobody named is taken from the estate where that leaves no choice,
else it stands for one that is not known.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from remediation.errors import InputError, InvalidResourceId
from remediation.estates.deployments.prediction import Prediction
from remediation.estates.deployments.snapshot import read_snapshot
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.templates.reader import parameters_of, read_template
from remediation.estates.deployments.terraform.reader import read_plan
from remediation.estates.deployments.what_if import read_what_if
from remediation.estates.door.reading import values_of
from remediation.estates.files import STDIN, EstateFile, bytes_of
from remediation.plain import plain
from remediation.resource_id import ResourceId

NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
NO_GROUP = "not-named"
_GROUP = re.compile(r"[\w().-]{1,90}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Input:
    """A change, and where it goes."""

    prediction: Prediction
    target: Target


def check(args: argparse.Namespace) -> None:
    """Raises InputError with one line for each option that does not go with the others."""
    mistakes = []
    if args.parameters is not None and args.template is None:
        mistakes.append("--parameters: goes with --template")
    if args.subscription is not None and not _GUID.fullmatch(args.subscription):
        mistakes.append(f"--subscription {args.subscription}: not a subscription id")
    if args.resource_group is not None and not _GROUP.fullmatch(args.resource_group):
        mistakes.append(f"--resource-group {args.resource_group}: not a name of a resource group")
    paths = [_path(args), args.parameters, *(args.estate or ())]
    if paths.count(STDIN) > 1:
        mistakes.append("-: standard input can be read once only")
    if mistakes:
        raise InputError(mistakes)


def _path(args: argparse.Namespace) -> str:
    every = (args.what_if, args.snapshot, args.bicepparam, args.template, args.terraform_plan)
    return next(str(path) for path in every if path is not None)


def read_input(args: argparse.Namespace, files: Sequence[EstateFile]) -> Input:
    """Read the change; raises InputError that says what is wrong with it."""
    target = _target(args, files)
    if args.bicepparam is not None:
        from remediation.adapters.bicep import snapshot

        text = snapshot(args.bicepparam, target.subscription, target.group, target.location)
        document = _json(args.bicepparam, text.encode())[1]
        prediction = read_snapshot(args.bicepparam, "", document, target)
        return Input(prediction, target)
    path = _path(args)
    text, document = _json(path, bytes_of(path), _instead(args))
    if args.what_if is not None:
        return Input(read_what_if(path, text, document), target)
    if args.snapshot is not None:
        return Input(read_snapshot(path, text, document, target), target)
    if args.terraform_plan is not None:
        return Input(read_plan(path, document, target), target)
    given = {}
    if args.parameters is not None:
        instead = "a .bicepparam file goes with --bicepparam"
        given = parameters_of(args.parameters, _json(args.parameters, bytes_of(args.parameters), instead)[1])
    return Input(read_template(path, text, document, given, target), target)


def _instead(args: argparse.Namespace) -> str:
    """What to type where a file is not what its option is for."""
    if args.what_if is not None:
        return "use az deployment ... what-if --no-pretty-print"
    if args.snapshot is not None:
        return "use bicep snapshot FILE.bicepparam --mode overwrite"
    if args.terraform_plan is not None:
        return "use terraform show -json PLANFILE"
    return "use bicep build FILE.bicep, or --bicepparam"


def _json(path: str, data: bytes, instead: str = "") -> tuple[str, Any]:
    """A file with one JSON document, as text and as what it says; `instead` is what to give in its place."""
    hint = f"; {instead}" if instead else ""
    try:
        values = values_of(path, data, "expected what describes a change, as JSON")
    except InputError as error:
        raise InputError(f"{mistake}{hint}" for mistake in error.mistakes) from error
    if len(values) != 1:
        raise InputError(f"{path}: {len(values)} documents one behind the other, expected one{hint}")
    return data.decode("utf-8-sig", errors="replace"), values[0]


def _target(args: argparse.Namespace, files: Sequence[EstateFile]) -> Target:
    """Where the change goes; what nobody said follows from the estate, if that holds one group alone."""
    there = {(one.subscription, one.resource_group.lower()): one.resource_group for one in _ids(files)}
    subscriptions = {subscription for subscription, _ in there}
    subscription = (
        args.subscription or args.live or (subscriptions.pop() if len(subscriptions) == 1 else None)
    )
    groups = {key: name for (_, key), name in there.items() if key}
    group = args.resource_group or (next(iter(groups.values())) if len(groups) == 1 else None)
    goes_somewhere = args.template or args.snapshot or args.bicepparam
    if goes_somewhere and (files or args.live) and args.template and args.resource_group is None:
        sys.stderr.write(
            f"remediation: note: --resource-group: not given; a template for a group goes to "
            f"{plain(group or NO_GROUP)}\n"
        )
    return Target((subscription or NO_SUBSCRIPTION).lower(), group or NO_GROUP, args.location or "")


def _ids(files: Sequence[EstateFile]) -> list[ResourceId]:
    found = []
    for file in files:
        for element in file.elements:
            try:
                found.append(ResourceId.parse(element.get("id") if isinstance(element, dict) else None))
            except InvalidResourceId:
                continue
    return found
