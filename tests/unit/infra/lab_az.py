"""An `az` that carries out on the lab's ARM what the lab has, and only takes notes of the rest.

The shell runs a few lines that hand the words over on a named pipe and wait for the answer on another, so
that a walk of fifty commands is not fifty starts of Python.
"""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.unit.infra import deployed
from tests.unit.infra.bicep import ROOT
from tests.unit.infra.queries import queried
from tests.unit.lab.plain_client import Answer, Plain

AZ = """#!/bin/sh
printf '%s\\n' "$@" > "$PIPES/asked"
{ read -r status; if test "$status" = 0; then cat; else cat >&2; fi; } < "$PIPES/answer"
exit "$status"
"""
NOTHING = "#!/bin/sh\n"
AUTHORIZATION = "providers/Microsoft.Authorization"
DIAGNOSTICS = "providers/microsoft.insights/diagnosticSettings"

type Options = dict[str, str]
type Document = dict[str, Any]


class LabAz:
    """One person's `az`, signed in as the owner `alice`, set to the subscription `here`; `of` is a set."""

    def __init__(self, folder: Path, url: str, *, of: str, here: str) -> None:
        self.folder, self.url, self.of, self.here = folder, url, of, here
        self.called: list[str] = []
        self.deletes: list[str] = []

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Some shell in the checkout, whose `az` this is; `azd`, `make`, `python` and `sleep` do nothing."""
        for name, text in (("az", AZ), *((each, NOTHING) for each in ("azd", "make", "python", "sleep"))):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        path = f"{self.folder}{os.pathsep}{os.environ['PATH']}"
        known = {"PATH": path, "PIPES": str(self.folder)} | environment
        with self._answering():
            return subprocess.run(["sh", "-eu", "-c", script], cwd=ROOT, env=known, check=False,
                                  capture_output=True, text=True, timeout=60)  # fmt: skip

    @contextmanager
    def _answering(self) -> Iterator[None]:
        asked, answer = self.folder / "asked", self.folder / "answer"
        for pipe in (asked, answer):
            pipe.unlink(missing_ok=True)
            os.mkfifo(pipe)

        def serve() -> None:
            with closing(Plain(self.url, "alice")) as self._arm:
                while words := asked.read_text().splitlines():
                    answer.write_text(self._answer(words))

        thread = threading.Thread(target=serve, name="lab-az", daemon=True)
        thread.start()
        try:
            yield
        finally:
            asked.write_text("")  # nothing asked: the end
            thread.join(10)

    def _answer(self, words: list[str]) -> str:
        """The exit status on a line, then what is said."""
        name, options = command(words), {word: value for word, value in pairwise(words) if word[:2] == "--"}
        options |= {"parameters": " ".join(word for word in words if "=" in word and word[0] not in "-[")}
        self.called.append(name)
        known = EFFECTS.get(name)
        try:
            found = known(self, options) if known else NOTED.get(name, {}).get(options.get("--method", ""))
            return "0\n" + said(found, options)
        except Exception as error:  # noqa: BLE001  the shell must hear of it, or it waits for ever
            return f"1\nERROR: {type(error).__name__}: {error}\n"

    def subscription(self, options: Options) -> str:
        return f"/subscriptions/{options.get('--subscription', self.here)}"

    def got(self, path: str, query: str = "") -> Any:
        """The answer to a GET; a list's items. Properties stand beside the rest, as `az` shows them."""
        found = checked(self._arm.get(path, query and "&" + quote(query, safe="=&$'"))).body
        return [flat(each) for each in found["value"]] if "value" in found else flat(found)

    def put(self, path: str, body: Document) -> None:
        answer = checked(self._arm.put(path, body))
        if "azure-asyncoperation" in answer.headers:
            self._arm.finish(answer)

    def exists(self, path: str) -> bool:
        return self._arm.send("HEAD", path).status == 204

    def post(self, path: str) -> Any:
        return flat(checked(self._arm.send("POST", path)).body)

    def delete(self, path: str) -> None:
        self.deletes.append(path)
        answer = checked(self._arm.delete(path))
        if answer.status == 202:
            assert self._arm.finish(answer) == "Succeeded"


def command(words: Sequence[str]) -> str:
    """The name of a command: its words before the first option."""
    return " ".join(words[: next((at for at, word in enumerate(words) if word[0] == "-"), len(words))])


def flat(document: Document) -> Document:
    return {**document, **document.get("properties", {})}


def checked(answer: Answer) -> Answer:
    if answer.status >= 400:
        raise RuntimeError(f"({answer.code}) {answer.error['message']}")
    return answer


def said(found: Any, options: Options) -> str:
    """What `az` prints of an answer: `--query`, `--output`."""
    if found is None or options.get("--output") == "none":
        return ""
    if isinstance(found, (dict, list)) and "--query" in options:
        found = queried(found, options["--query"])
    if options.get("--output") == "json":
        return json.dumps(found)
    items = found if isinstance(found, list) else [found]
    return "".join(f"{str(each).lower() if isinstance(each, bool) else each}\n" for each in items)


def deploy(az: LabAz, options: Options) -> None:
    """Phase one puts what the snapshot predicts; phase two makes event subscriptions: not here."""
    if options["--template-file"] == "infra/main.bicep":
        may_fix = "mayFix=true" in options["parameters"]
        for where, body in deployed.requests(az.of, az.here, may_fix=may_fix).items():
            az.put(where, body)


def outputs(az: LabAz, _: Options) -> Document:
    shown = deployed.snapshot(az.of, az.here)["outputs"]
    return {"properties": {"outputs": {key: {"value": value} for key, value in shown.items()}}}


def account(az: LabAz, options: Options) -> Document:
    return {"id": az.got(az.subscription(options))["subscriptionId"]}


def within(kind: str) -> Callable[[LabAz, Options], Any]:
    """The resources of a group, of one type or all."""

    def listed(az: LabAz, options: Options) -> Any:
        return az.got(f"{az.subscription(options)}/resourceGroups/{options['--resource-group']}/{kind}")

    return listed


def group_exists(az: LabAz, options: Options) -> bool:
    return az.exists(f"{az.subscription(options)}/resourceGroups/{options['--name']}")


def delete_group(az: LabAz, options: Options) -> None:
    az.delete(f"{az.subscription(options)}/resourceGroups/{options['--name']}")


def assignments(az: LabAz, options: Options) -> list[Document]:
    """Those of a subscription and all in it, or one principal's, with the names of their roles."""
    who = options.get("--assignee")
    where = options.get("--scope") or az.subscription(options)
    found = az.got(
        f"{where}/{AUTHORIZATION}/roleAssignments", f"$filter=principalId eq '{who}'" if who else ""
    )
    return [each | {"roleDefinitionName": az.got(each["roleDefinitionId"])["roleName"]} for each in found]


def delete_assignment(az: LabAz, options: Options) -> None:
    """By its id, or as `az` finds it: by principal, role and exactly this scope."""
    if "--ids" in options:
        return az.delete(options["--ids"])
    matching = [
        each["id"] for each in assignments(az, options)
        if each["scope"] == options["--scope"] and each["roleDefinitionName"] == options["--role"]
    ]  # fmt: skip
    if not matching:
        raise RuntimeError("No matched assignments were found to delete")
    for each in matching:
        az.delete(each)
    return None


def definitions(az: LabAz, options: Options) -> Any:
    return az.got(
        f"{az.subscription(options)}/{AUTHORIZATION}/roleDefinitions", "$filter=type eq 'CustomRole'"
    )


def delete_definition(az: LabAz, options: Options) -> None:
    for each in definitions(az, options):
        if options["--name"] in {each["name"], each["roleName"]}:
            az.delete(each["id"])


def settings(az: LabAz, options: Options) -> Any:
    return az.got(f"{options['--resource']}/{DIAGNOSTICS}")


def delete_setting(az: LabAz, options: Options) -> None:
    az.delete(f"{options['--resource']}/{DIAGNOSTICS}/{options['--name']}")


def register(az: LabAz, options: Options) -> Any:
    return az.post(f"{az.subscription(options)}/providers/{options['--namespace']}/register")


# What the lab's ARM carries out.
EFFECTS: dict[str, Callable[[LabAz, Options], Any]] = {
    "account show": account,
    "deployment sub create": deploy,
    "deployment sub show": outputs,
    "group delete": delete_group,
    "group exists": group_exists,
    "identity list": within("providers/Microsoft.ManagedIdentity/userAssignedIdentities"),
    "monitor diagnostic-settings delete": delete_setting,
    "monitor diagnostic-settings list": settings,
    "provider register": register,
    "resource list": within("resources"),
    "role assignment delete": delete_assignment,
    "role assignment list": assignments,
    "role definition delete": delete_definition,
    "role definition list": definitions,
    "storage account list": within("providers/Microsoft.Storage/storageAccounts"),
}
# What it answers where a script waits for it, by `--method`, of the commands that it does not carry out.
NOTED: dict[str, dict[str, Any]] = {
    "functionapp function list": {"": [{"name": "func-guard-x/on_resource_change"}]},
    "rest": {"get": "Resolved"},
}
