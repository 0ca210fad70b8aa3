"""One resource as a template declares it, once for each turn of its loop; its body when it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from remediation.estates.deployments.templates.evaluator import Local
from remediation.estates.deployments.templates.frame import Frame, Raw
from remediation.estates.deployments.templates.values import Unknown

DEPLOYMENT = "microsoft.resources/deployments"
# What steers the deployment of a resource and is no part of it.
_STEERING = frozenset({
    "copy", "condition", "dependson", "comments", "resources", "scope", "existing", "name", "type", "options",
    "metadata", "import",
})  # fmt: skip

type Pointer = tuple[str | int, ...]


@dataclass(eq=False)
class Instance:
    """A resource with the id it gets. `where` points to it in the template; `doubt`: why it may not come."""

    frame: Frame
    raw: Raw
    local: Local
    kind: str
    name: str
    identity: str
    where: Pointer
    doubt: str = ""
    inner: Frame | None = None
    _body: dict[str, Any] | None = field(default=None, repr=False)
    _busy: bool = field(default=False, repr=False)

    @property
    def is_deployment(self) -> bool:
        return self.kind.lower() == DEPLOYMENT

    def body(self) -> dict[str, Any] | None:
        """The evaluated document; None while it is being evaluated, or where it asks for itself."""
        if self._body is None and not self._busy:
            self._busy = True
            self._body = self._deployed() if self.is_deployment else self._evaluated()
            self._busy = False
        return self._body

    def _evaluated(self) -> dict[str, Any]:
        own = {key: member for key, member in self.raw.items() if key.lower() not in _STEERING}
        value = self.frame.evaluator.value(own, self.local)
        named = {"id": self.identity, "name": self.name.rpartition("/")[2], "type": self.kind}
        return {
            **named,
            **{key: _without_nulls(member) for key, member in value.items() if member is not None},
        }

    def _deployed(self) -> dict[str, Any]:
        """What others may ask of a deployment: its outputs."""
        inner = self.inner
        outputs = {} if inner is None else {name: {"value": inner.output(name)} for name in inner.outputs()}
        return {"id": self.identity, "name": self.name, "properties": {"outputs": outputs}}


def _without_nulls(value: Any) -> Any:
    """ARM takes null in a body for nothing said."""
    if isinstance(value, Mapping) and not isinstance(value, Unknown):
        return {key: _without_nulls(member) for key, member in value.items() if member is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value
