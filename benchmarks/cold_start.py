"""What a cold start costs: fresh processes, from nothing to indexed, and on to the first NSG judged.

    python benchmarks/cold_start.py [--runs 5]

Prints the median of several processes, each counted from its start; mb is the peak of its resident memory:

* indexed_cpu_s, indexed_mb: import function_app, list its functions;
* first_event_cpu_s, first_event_mb: then take in one event, as on_resource_change does before it answers;
* first_nsg_cpu_s, first_nsg_mb: then reconcile it: azure.identity, the ARM client and the ledger on a storage
  account are imported and used; ARM and storage are other processes.

The same follows as *_without_pyc: byte code is neither found nor kept, so that each process compiles all it
imports. (With it, a warm-up run has written it, as a package holds it.) Then the dearest imports, each by
itself, until the app is indexed and until the first NSG is judged.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

type Step = tuple[str, Mapping[str, str], tuple[str, ...]]
"""What a process runs, in which environment, with which arguments."""

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.arm_process import arm_process  # noqa: E402  the path comes first
from benchmarks.reconcile import CLOSED, SUBSCRIPTION, event, nsg  # noqa: E402
from lab.azurite import Azurite  # noqa: E402

INDEX = """
import json, resource, sys, time
import function_app
names = [function.get_function_name() for function in function_app.app.get_functions()]
def peak():
    # ru_maxrss begins with the memory of whoever started us; the mark of this process alone is meant
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def cost():
    return {"cpu": time.process_time(), "mb": peak()}
"""
INDEXED = INDEX + "print(json.dumps({**cost(), 'functions': len(names)}))"
TAKEN_IN = (
    INDEX
    + """
messages = function_app.guard.accept(json.loads(sys.argv[1]))
print(json.dumps({**cost(), "messages": len(messages)}))
"""
)
JUDGED = (
    INDEX
    + """
import azure.identity
azure.identity.ManagedIdentityCredential(client_id="00000000-0000-0000-0000-000000000000")
for message in function_app.guard.accept(json.loads(sys.argv[1])):
    outcome = function_app.guard.reconcile(message)
print(json.dumps({**cost(), "ending": outcome.ending.value}))
"""
)


def fresh(script: str, environment: Mapping[str, str], *arguments: str, flags: tuple[str, ...] = ()) -> str:
    """The output of a fresh process that may write byte code; its standard error where flags ask for it."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, *flags, "-c", script, *arguments],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr if flags else done.stdout


def median_of(script: str, environment: Mapping[str, str], runs: int, *arguments: str) -> dict[str, Any]:
    """The median costs of some runs, with whatever else the first one said."""
    costs = [json.loads(fresh(script, environment, *arguments).splitlines()[-1]) for _ in range(runs)]
    numbers = {key: statistics.median(cost[key] for cost in costs) for key in ("cpu", "mb")}
    return {**costs[0], **numbers}


def without_byte_code(folder: str) -> dict[str, str]:
    """An environment in which Python finds none beside the sources, and writes none anywhere."""
    nowhere = Path(folder) / "no-byte-code"
    nowhere.mkdir(exist_ok=True)
    return {"PYTHONPYCACHEPREFIX": str(nowhere), "PYTHONDONTWRITEBYTECODE": "1"}


def settings(arm: str, storage: str, folder: str) -> dict[str, str]:
    baseline = Path(folder) / "baseline.json"
    baseline.write_text(json.dumps({"version": 1, "mode": "enforce"}))
    return {
        "AzureWebJobsStorage": storage,
        "ARM_ENDPOINT": arm,
        "ARM_STATIC_TOKEN": "bastion-guard",
        "SUBSCRIPTIONS": SUBSCRIPTION,
        "BASELINE": str(baseline),
    }


def dearest(script: str, environment: Mapping[str, str], *arguments: str, count: int = 12) -> list[str]:
    """The imports of a script that cost most by themselves, in milliseconds."""
    rows = []
    for line in fresh(script, environment, *arguments, flags=("-X", "importtime")).splitlines():
        parts = line.removeprefix("import time:").split("|")
        if len(parts) == 3 and parts[0].strip().isdigit():
            rows.append((int(parts[0]), parts[2].strip()))
    return [f"  {cost / 1000:7.1f} ms  {name}" for cost, name in sorted(rows, reverse=True)[:count]]


def measured(
    steps: Mapping[str, Step], runs: int, more: Mapping[str, str], suffix: str = ""
) -> Iterator[str]:
    """Two figures for each step, in an environment that has `more` than the step's own."""
    for name, (script, environment, arguments) in steps.items():
        costs = median_of(script, {**environment, **more}, runs, *arguments)
        yield f"{name}_cpu_s{suffix}: {costs['cpu']:.3f}"
        yield f"{name}_mb{suffix}: {costs['mb']:.0f}"


def main() -> int:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    document = nsg(1, CLOSED)
    told = (event(1, document["id"]),)
    with arm_process() as arm, Azurite() as azurite, tempfile.TemporaryDirectory() as folder:
        arm.seed([document])
        chosen = settings(arm.url, azurite.connection_string, folder)
        steps: dict[str, Step] = {
            "indexed": (INDEXED, {}, ()),
            "first_event": (TAKEN_IN, chosen, told),
            "first_nsg": (JUDGED, chosen, told),
        }
        fresh(JUDGED, chosen, *told)  # leaves all the byte code behind
        print("\n".join(measured(steps, args.runs, {})))
        fewer = max(1, args.runs // 2)  # each takes seconds
        print("\n".join(measured(steps, fewer, without_byte_code(folder), "_without_pyc")))
        for name in ("indexed", "first_nsg"):
            script, environment, arguments = steps[name]
            print(f"imports until {name.replace('_', ' ')}, the dearest by themselves")
            print("\n".join(dearest(script, environment, *arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
