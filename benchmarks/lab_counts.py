"""What a change costs in requests of ARM, counted from outside: in the log of the lab's ARM.

    python benchmarks/lab_counts.py [--spokes 20 40] [--check]

The estate of `make lab` (a hub, spokes with two or three machines each, one subscription) with more spokes:
they are deployed while the app watches, then the hub's network is tagged, a machine's interface is made, a
subnet is written as it was. `--check` exits with 1 where a limit is not held: `hub_tag` 60 and the same
with more spokes, `new_nic` 15, `same_subnet` 25, `requests_per_write` 4.
"""

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the lab and the app lie beside us

from lab.estate import Estate
from lab.world import CALLER, World

LIMITS = {"hub_tag": 60.0, "new_nic": 15.0, "same_subnet": 25.0, "requests_per_write": 4.0}
FLAT = 1.1
"""How many times as much the hub's tag may cost with twice the spokes."""
SECONDS = 300.0


async def counted(world: World) -> int:
    """Requests of the app since the last count, once all has come to rest."""
    await world.quiet(seconds=SECONDS)
    count = sum(entry.caller == CALLER for entry in world.arm.log.entries())
    world.arm.log.clear()
    return count


def divided(estate: Estate) -> list[dict[str, Any]]:
    """Leave what was there before the spokes in the estate; returns what is deployed, in its order."""
    groups = tuple(f"{spoke.group}/".lower() for spoke in estate.spokes)
    first = next(
        number for number, each in enumerate(estate.requests) if f"{each['id']}/".lower().startswith(groups)
    )
    later = estate.requests[first:]
    del estate.requests[first:]
    return later


async def measured(spokes: int) -> dict[str, float]:
    estate = Estate(1, spokes=spokes)
    later = divided(estate)
    async with World(estate=estate, poll_interval=1) as world:
        terraform, alice = world.as_("terraform", "terraform"), world.as_("alice")
        await counted(world)
        for each in later:
            await terraform.put(each["id"], {name: value for name, value in each.items() if name != "id"})
        deployed = await counted(world)
        return {
            "spokes": spokes,
            "writes": len(later),
            "requests_per_write": round(deployed / len(later), 2),
            "hub_tag": await tag(world, alice),
            "new_nic": await new_nic(world, alice),
            "same_subnet": await same_subnet(world, alice),
        }


async def tag(world: World, alice: Any) -> int:
    await alice.patch(world.estate.hub, {"tags": {"touched": "yes"}})
    return await counted(world)


async def new_nic(world: World, alice: Any) -> int:
    nic = world.estate.spokes[0].nics[0]
    found = await alice.get(nic)
    assert found is not None
    [configuration] = found["properties"]["ipConfigurations"]
    subnet = configuration["properties"]["subnet"]["id"]
    properties = {"subnet": {"id": subnet}, "privateIPAllocationMethod": "Dynamic"}
    body = {
        "location": found["location"],
        "properties": {"ipConfigurations": [{"name": "one", "properties": properties}]},
    }
    await alice.put(f"{nic}-new", body)
    return await counted(world)


async def same_subnet(world: World, alice: Any) -> int:
    network = await alice.get(world.estate.spokes[0].network)
    assert network is not None
    subnet = network["properties"]["subnets"][0]
    await alice.put(subnet["id"], {"properties": subnet["properties"]})
    return await counted(world)


def broken(found: list[dict[str, float]]) -> list[str]:
    """Each limit that is not held, in words."""
    over = [
        f"{name} {each[name]:g} with {each['spokes']:g} spokes, more than {most:g}"
        for each in found
        for name, most in LIMITS.items()
        if each[name] > most
    ]
    tags = [each["hub_tag"] for each in found]
    if max(tags) > FLAT * min(tags):
        over.append(f"hub_tag is not flat: {tags}")
    return over


def main() -> int:
    parser = argparse.ArgumentParser(description="Requests of ARM that a change costs, in the lab's log.")
    parser.add_argument("--spokes", type=int, nargs="+", default=[20, 40])
    parser.add_argument("--check", action="store_true", help="exit with 1 where a limit is not held")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    found = [asyncio.run(measured(spokes)) for spokes in args.spokes]
    for each in found:
        print(json.dumps(each))
    over = broken(found)
    for line in over:
        print(line, file=sys.stderr)
    return 1 if over and args.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
