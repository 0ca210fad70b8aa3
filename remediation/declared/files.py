"""A file that declares: a Bicep snapshot, a Terraform state, or resources as ARM returns them.

What it is shows in itself. Anything else is refused with one line that says what it is and what to give
instead; of a file that is refused nothing is taken in.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from remediation.declared.declaration import Declared, Source
from remediation.declared.gathering import Gathering
from remediation.declared.merging import together
from remediation.declared.states import count, is_state, read_state
from remediation.errors import InputError
from remediation.estates.deployments.answers import answer
from remediation.estates.deployments.documents import Documents
from remediation.estates.deployments.snapshot import is_snapshot, lines_of_ids, read_snapshot
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.templates.values import TooMuchError
from remediation.estates.deployments.terraform.reader import is_plan
from remediation.estates.door.reading import values_of
from remediation.estates.files import STDIN, bytes_of, file_of
from remediation.model import copied
from remediation.plain import plain

MOST_RESOURCES = 50_000
MOST_BYTES = 256 * 1024 * 1024
_EXPECTED = "expected a Bicep snapshot, terraform show -json of a state, or a list of ARM resources"
_SAID = 3


def read_all(paths: Sequence[str]) -> Declared:
    """What all files declare; raises InputError with a line for each that cannot be used."""
    if paths.count(STDIN) > 1:
        raise InputError("--declared -: standard input can be read once only")
    found: list[Declared] = []
    mistakes: list[str] = []
    for path in paths:
        try:
            found.append(read(path))
        except InputError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        raise InputError(mistakes)
    return together(found)


def read(path: str) -> Declared:
    """What one file declares; raises InputError that names it and what is wrong."""
    return declared_in(path, bytes_of(path))


def declared_in(path: str, data: bytes) -> Declared:
    """The same of the bytes of a file."""
    if len(data) > MOST_BYTES:
        raise InputError(
            f"{path}: {len(data) // 2**20:,} MB; a declaration has at most {MOST_BYTES // 2**20} MB: "
            f"split it by resource group"
        )
    values = values_of(path, data, _EXPECTED)
    document: Any = values[0] if len(values) == 1 else None
    if is_plan(document) or (isinstance(document, Mapping) and "planned_values" in document):
        raise InputError(
            f"{path}: a Terraform plan, which says what will be: declared is what was applied, "
            f"give terraform show -json of the state"
        )
    if is_state(document):
        _refuse_more_than(path, count(document))
        return _something(path, read_state(path, document))
    if is_snapshot(document):
        _refuse_more_than(path, len(document["predictedResources"]))
        return _something(path, _snapshot(path, data, document))
    if isinstance(document, Mapping) and "deploymenttemplate" in str(document.get("$schema")).lower():
        raise InputError(
            f"{path}: an ARM template, whose resources have no ids yet: give what bicep snapshot makes of it"
        )
    return _something(path, _estate(path, data, values))


def _refuse_more_than(path: str, number: int) -> None:
    if number > MOST_RESOURCES:
        raise InputError(
            f"{path}: declares {number:,} resources, more than {MOST_RESOURCES:,}: split it by resource group"
        )


def _something(path: str, found: Declared) -> Declared:
    """A file that declares nothing that is compared is a mistake, and no green answer."""
    if found.declarations:
        return found
    others = ", ".join(f"{number} {plain(kind)}" for kind, number in found.left_out.most_common(_SAID))
    why = f"it holds {others}" if others else "it holds no resource whose id is known"
    raise InputError(f"{path}: declares nothing that is compared: {why}")


def _snapshot(path: str, data: bytes, document: Mapping[str, Any]) -> Declared:
    prediction = read_snapshot(path, _text(data), document, Target(""))
    resources = copied(prediction.resources)
    try:
        answer(resources, Documents(resources).find, Target(""))
    except (TooMuchError, RecursionError) as error:
        raise InputError(f"{path}: not to be read: {error}") from error

    def where(identity: str) -> Source:
        origin = prediction.origins.get(identity.lower())
        return Source("snapshot", path, line=origin.line if origin else None)

    gathering = Gathering(where)
    for resource in resources:
        gathering.take(resource)
    found = gathering.declared()
    doubts = tuple(where for where, _ in prediction.doubts)
    return Declared(found.declarations, found.left_out, (*found.unplaced, *doubts))


def _estate(path: str, data: bytes, values: Sequence[Any]) -> Declared:
    file = file_of(path, values)
    if file.cut:
        raise InputError(f"{path}: not whole, so that what it leaves out says nothing: {file.cut}")
    _refuse_more_than(path, len(file.elements))
    lines = lines_of_ids(_text(data))
    gathering = Gathering(lambda identity: Source("estate", path, line=lines.get(identity.lower())))
    for element in _by_depth(file.elements):
        gathering.take(element)
    return gathering.declared()


def _by_depth(elements: Iterable[Any]) -> list[Mapping[str, Any]]:
    """Parents before their children: what stands alone is the later word."""
    return sorted(
        (one for one in elements if isinstance(one, dict)), key=lambda one: str(one.get("id")).count("/")
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", errors="replace")
