"""Run in a process of its own: a story of the end-to-end tests, played by the app out of a package.

    python packaged_story.py PACKAGE CHECKOUT

The package comes first on the path; only what it does not hold (the lab, aiohttp) comes from elsewhere.
"""

import json
import sys


def main(package: str, checkout: str) -> None:
    sys.path[:0] = [package, f"{package}/.python_packages/lib/site-packages"]
    sys.path.append(checkout)

    from pathlib import Path

    from lab.world import World
    from tests.e2e.conftest import OPEN_TO_ALL, play, rule_of, told

    seen: dict[str, object] = {}

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet(seconds=60)
        rule = rule_of(world, nsg, "oops") or {}
        seen.update(ports=rule.get("destinationPortRanges"), told=told(world), cards=len(world.cards))

    play(story, seed=31, app_dir=Path(package))
    modules = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    named = ("function_app", "remediation.reconcile", "azure.mgmt.network", "azure.functions", "msgspec")
    from_package = [name for name in named if modules.get(name, "").startswith(package)]
    sys.stdout.write(json.dumps({**seen, "missing": sorted(set(named) - set(from_package))}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
