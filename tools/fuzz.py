"""Ask the app over HTTP whatever its description allows, and what it does not: `make fuzz`.

The lab with an open port and somebody signed in who may do everything; schemathesis, in an environment of its
own, makes the requests from docs/openapi.json and checks that every answer is one that is described there and
none a 500. What is asked in every run of the tests is in tests/story/e2e/test_people_fuzz.py.
"""

import asyncio
import json
import sys
from pathlib import Path

from lab.functions_host.signing_in import object_id
from lab.world import World

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".tools" / "fuzz" / "bin" / "schemathesis"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ONES_OF_PEOPLE = r"^/(findings|me|summary|exemptions|openapi)"
WHO = "ada@contoso.example"
OPEN = {
    "priority": 317, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourcePortRange": "*",
    "sourceAddressPrefix": "Internet", "destinationAddressPrefix": "*", "destinationPortRange": "22",
}  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status of schemathesis; `argv` are further options of its `run`."""
    if not PROGRAM.exists():
        sys.stderr.write("fuzz: schemathesis is missing: run `make fuzz`, which makes its environment\n")
        return 2
    return asyncio.run(_asked(sys.argv[1:] if argv is None else argv))


async def _asked(more: list[str]) -> int:
    people = {right: [object_id(WHO)] for right in ("apply", "exempt")}
    rules = {"nsg-mgmt-open-to-internet": {"action": "propose"}}
    changes = {"people": people, "rules": rules}
    async with World(baseline_changes=changes, settings={"WEBSITE_AUTH_ENABLED": "true"}) as world:
        path = f"{world.estate.shared_nsg}/securityRules/opened"
        await world.as_("mallory").put(path, {"properties": OPEN})
        await world.quiet()
        done = await asyncio.create_subprocess_exec(
            str(PROGRAM), "run", str(ROOT / "docs" / "openapi.json"), "--url", f"{world.functions_url}/api",
            "-H", f"Authorization: Bearer {WHO}", "-H", "X-Bastion-Guard: 1", "--checks", CHECKS,
            "--include-path-regex", ONES_OF_PEOPLE, "--no-color", *more,
        )  # fmt: skip
        status = await done.wait()
        await world.quiet()
        if world.host.failures:
            sys.stderr.write(f"fuzz: {json.dumps(world.host.failures[:5])}\n")
            return 1
        return status


if __name__ == "__main__":
    sys.exit(main())
