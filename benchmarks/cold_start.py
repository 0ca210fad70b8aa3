"""What a cold start costs: fresh processes, from nothing to indexed, and on to the first NSG judged.

    python benchmarks/cold_start.py [--runs 5] [--imports]

Prints the median of several processes: indexed_cpu_s and indexed_mb (import function_app, list its
functions), first_nsg_cpu_s and first_nsg_mb (then accept one event and reconcile it: azure.identity, the ARM
client and the ledger on a storage account are imported and used; ARM and storage are other processes).
`--imports` adds a table of the dearest imports. Byte code is written by the warm-up run, as a package has it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.arm_process import arm_process  # noqa: E402  the path comes first
from benchmarks.reconcile import CLOSED, SUBSCRIPTION, event, nsg  # noqa: E402
from lab.azurite import Azurite  # noqa: E402

INDEX = """
import json, resource, sys, time
import function_app
names = [function.get_function_name() for function in function_app.app.get_functions()]
def cost():
    return {"cpu": time.process_time(), "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
"""
INDEXED = INDEX + "print(json.dumps({**cost(), 'functions': len(names)}))"
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
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
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
    fresh(script, environment, *arguments)
    costs = [json.loads(fresh(script, environment, *arguments).splitlines()[-1]) for _ in range(runs)]
    numbers = {key: statistics.median(cost[key] for cost in costs) for key in ("cpu", "mb")}
    return {**costs[0], **numbers}


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


def dearest(count: int = 12) -> list[str]:
    """The imports of indexing that cost most by themselves, in milliseconds."""
    rows = []
    for line in fresh("import function_app", {}, flags=("-X", "importtime")).splitlines():
        parts = line.removeprefix("import time:").split("|")
        if len(parts) == 3 and parts[0].strip().isdigit():
            rows.append((int(parts[0]), parts[2].strip()))
    return [f"  {cost / 1000:7.1f} ms  {name}" for cost, name in sorted(rows, reverse=True)[:count]]


def main() -> int:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--imports", action="store_true")
    args = parser.parse_args()
    document = nsg(1, CLOSED)
    indexed = median_of(INDEXED, {}, args.runs)
    with arm_process() as arm, Azurite() as azurite, tempfile.TemporaryDirectory() as folder:
        arm.seed([document])
        chosen = settings(arm.url, azurite.connection_string, folder)
        judged = median_of(JUDGED, chosen, args.runs, event(1, document["id"]))
    print(f"indexed_cpu_s: {indexed['cpu']:.3f}")
    print(f"indexed_mb: {indexed['mb']:.0f}")
    print(f"first_nsg_cpu_s: {judged['cpu']:.3f}")
    print(f"first_nsg_mb: {judged['mb']:.0f}")
    if args.imports:
        print("\n".join(dearest()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
