"""Run in a process of its own: end-to-end tests, with the app out of a package.

    python -P packaged_story.py PACKAGE CHECKOUT REPORT [what pytest is to run ...]

The package comes first on the path; only what it does not hold (the lab, the tests, aiohttp) comes from
elsewhere. In the end every module of the app is imported. REPORT becomes a JUnit report; the last line says
which modules did not come out of the package.
"""

import importlib
import json
import pkgutil
import sys


def main(package: str, checkout: str, report: str, *tests: str) -> int:
    sys.path[:0] = [package, f"{package}/.python_packages/lib/site-packages"]
    sys.path.append(checkout)

    import pytest

    options = ["--import-mode=append", f"--rootdir={checkout}", "-p", "no:xdist", f"--junit-xml={report}"]
    status = int(pytest.main([*options, *(f"{checkout}/{test}" for test in tests)]))
    app = importlib.import_module("remediation")
    for found in pkgutil.walk_packages(app.__path__, "remediation."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    modules = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    worker = "remediation.reconciling.reconciler"
    named = ("function_app", worker, "azure.mgmt.network", "azure.functions", "msgspec")
    ours = {name for name in modules if name.partition(".")[0] == "remediation"}
    elsewhere = [name for name in {*named, *ours} if not modules.get(name, "").startswith(package)]
    sys.stdout.write("\n" + json.dumps({"elsewhere": sorted(elsewhere)}) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
