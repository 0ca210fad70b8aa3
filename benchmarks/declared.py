"""How long it takes to hold a declaration against an estate, and how much memory.

    python benchmarks/declared.py [--resources 5000] [--drifted 20] [--seed 1]

An estate with that many resources of kinds that are compared is written as a Bicep snapshot would declare it,
and once more as ARM shows it, with some of it changed by hand. Read and compared in a process of its own.
Prints read_seconds (the declaration, from bytes), compare_seconds (all of it against the estate),
effect_seconds (what the differences do, two estates judged for each), differing, and peak_mb of the process
when everything is compared. CPU time, since a machine may be shared.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.scan import Generator  # noqa: E402  a script finds its neighbours by the root
from remediation.baseline import NOTHING  # noqa: E402
from remediation.declared.drift import drift  # noqa: E402
from remediation.declared.files import read_all  # noqa: E402
from remediation.declared.holding import held  # noqa: E402
from remediation.declared.kinds import KINDS  # noqa: E402
from remediation.estates.estate import Estate  # noqa: E402
from remediation.estates.files import read_all as read_estates  # noqa: E402

type Document = dict[str, Any]

_SERVERS = frozenset({"etag", "provisioningState", "ipAddress", "virtualMachine", "ipConfiguration"})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--resources", type=int, default=5000)
    parser.add_argument("--drifted", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", nargs=2, metavar=("DECLARED", "ESTATE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.compare:
        _compare(*args.compare)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        declared, estate = Path(folder, "main.snapshot.json"), Path(folder, "estate.json")
        live = _estate(args.resources, args.seed)
        told = [_template(document) for document in live]
        declared.write_text(json.dumps({"predictedResources": told}), encoding="utf-8")
        _touch(live, args.drifted, random.Random(args.seed))
        estate.write_text(json.dumps(live), encoding="utf-8")
        command = [sys.executable, __file__, "--compare", str(declared), str(estate)]
        return subprocess.run(command, check=False).returncode


def _estate(count: int, seed: int) -> list[Document]:
    """An estate with that many resources that are compared, and the machines between them."""
    size = count
    while True:
        documents = Generator(size, seed).estate()
        if sum(_compared(document) for document in documents) >= count:
            return documents
        size += count // 4 + 1


def _compared(document: Document) -> int:
    """How many resources a document declares that are compared: a network its subnets."""
    kind = document["type"].lower()
    return len(document["properties"]["subnets"]) if kind.endswith("/virtualnetworks") else kind in KINDS


def _template(value: Any) -> Any:
    """As somebody writes it: without what the server sets."""
    if isinstance(value, dict):
        return {key: _template(inner) for key, inner in value.items() if key not in _SERVERS}
    return [_template(one) for one in value] if isinstance(value, list) else value


def _touch(documents: list[Document], count: int, chance: random.Random) -> None:
    """Open what somebody opens by hand: a rule of a group."""
    groups = [one for one in documents if one["properties"].get("securityRules")]
    for group in chance.sample(groups, min(count, len(groups))):
        group["properties"]["securityRules"][0]["properties"]["sourceAddressPrefix"] = "20.1.2.3"


def _compare(declared_path: str, estate_path: str) -> None:
    files = read_estates([estate_path])
    estate = Estate(files)
    started = time.process_time()
    declared = read_all([declared_path])
    read = time.process_time()
    quiet = held(declared, estate)
    compared = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = drift(declared, estate, files, NOTHING, datetime.now(UTC))
    told = time.process_time()
    figures = {
        "read_seconds": read - started,
        "compare_seconds": compared - read,
        "effect_seconds": told - compared,
    }
    for name, value in figures.items():
        print(f"{name}: {value:.2f}")
    print(f"compared: {found.compared}")
    print(f"differing: {len(quiet.drifted)}")
    print(f"peak_mb: {peak:.0f}")


if __name__ == "__main__":
    raise SystemExit(main())
