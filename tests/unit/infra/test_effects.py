"""What the commands of docs/deploy.md do, seen in the lab: an `az` carries them out on its ARM.

The app asks as the identity that the deployment makes and is judged by the role assignments that stand in
the lab, so each command that gives or takes a right shows in what the app can still do.
"""

import asyncio
import functools
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lab.actor import RefusedError
from lab.arm import Arm, Settings, in_background
from lab.arm.facts.providers import offered
from lab.arm.kinds.authorization import ASSIGNMENT_KIND
from lab.arm.questions.roles import KIND as DEFINITION_KIND
from lab.estate import Estate
from lab.world import CALLER, World
from tests.story.e2e.conftest import play, told
from tests.unit.infra import deployed, snapshots
from tests.unit.infra.bicep import ROOT
from tests.unit.infra.lab_az import DIAGNOSTICS, EFFECTS, NOTED, LabAz, command
from tests.unit.infra.queries import queried
from tests.unit.infra.repairs import REPAIRS
from tests.unit.infra.snapshots import SETS
from tests.unit.infra.test_walkthrough import TOLD, block
from tools.az_commands import commands

# What the lab has nothing of, and why. Such a command is only taken note of.
NOT_IN_THE_LAB = {
    "ad app create": "app registrations are Entra ID's, not ARM's",
    "ad app federated-credential create": "app registrations are Entra ID's, not ARM's",
    "ad app show": "app registrations are Entra ID's, not ARM's",
    "ad app update": "app registrations are Entra ID's, not ARM's",
    "ad sp create": "app registrations are Entra ID's, not ARM's",
    "bicep upgrade": "a program of the desk",
    "deployment sub what-if": "the lab's ARM evaluates no templates",
    "eventgrid system-topic event-subscription delete": "the lab's Event Grid is no resource of its ARM",
    "eventgrid system-topic event-subscription list": "the lab's Event Grid is no resource of its ARM",
    "eventgrid system-topic list": "the lab's Event Grid is no resource of its ARM",
    "functionapp deployment source config-zip": "the lab's functions host runs the checkout",
    "functionapp function list": "the lab's functions host is no resource of its ARM",
    "functionapp list-flexconsumption-runtimes": "a question about regions of Microsoft.Web",
    "keyvault recover": "the lab keeps nothing that was deleted",
    "login": "the lab's tokens are names",
    "rest": "references to the vault and the host's own routes, of Microsoft.Web; Graph",
    "storage blob upload": "data of an account, not ARM's",
    "webapp auth update": "authentication of Microsoft.Web",
}
WALKED = ("docs/deploy.md", "infra/publish.sh", "infra/remove.sh")
PHASE_ONE = block("az deployment sub create --name guard").rstrip()
PHASE_TWO = block("az deployment sub show") + block("sh infra/publish.sh") + block("az account show")
TAKE_BACK = block("az role assignment delete")
UPGRADE = block("az storage account list")
REMOVE = block("sh infra/remove.sh")
OPEN = REPAIRS["a rule is narrowed"]
MAY_FIX = ("several",)
NAMED = "rg-bastion"  # in the set `several`
GROUP_IN_IT = "providers/Microsoft.Network/networkSecurityGroups/nsg-bastion"
HERE, THERE = "11111111-2222-3333-4444-555555555555", "66666666-2222-3333-4444-555555555555"


def test_every_command_that_is_told_of_has_its_effect_in_the_lab_or_a_reason_why_not() -> None:
    told_of = {command(each.words) for name in WALKED for each in commands(name, (ROOT / name).read_text())}
    assert told_of == EFFECTS.keys() | NOT_IN_THE_LAB.keys()
    assert EFFECTS.keys() & NOT_IN_THE_LAB.keys() == set()
    assert NOTED.keys() <= NOT_IN_THE_LAB.keys()


@dataclass(frozen=True, slots=True)
class Look:
    """What became of a group that somebody opened: whether it was closed, what was told, ARM's answers."""

    closed: bool
    told: list[str]
    held_back_by: list[str]
    reads: set[int]
    writes: set[int]


@dataclass(slots=True)
class Life:
    """An environment from its first command to its removal, as seen in the lab after each step."""

    looks: dict[str, Look] = field(default_factory=dict)
    may: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    roles: dict[str, tuple[int, int]] = field(default_factory=dict)
    logs: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    ended: dict[str, tuple[int, str]] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    deletes: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


async def look(world: World) -> Look:
    """Somebody opens a group; the app hears of it."""
    world.arm.log.clear()
    before = len(world.announcements)
    await OPEN.spoil(world)
    await world.quiet(seconds=60)
    entries = world.arm.log.entries(caller=CALLER)
    return Look(
        OPEN.mended(world),
        told(world)[before:],
        [
            why
            for each in world.announcements[before:]
            for why in each["data"]["evidence"].get("heldBackBy", ())
        ],
        {entry.status for entry in entries if entry.reads},
        {entry.status for entry in entries if not entry.reads},
    )


async def may(world: World) -> tuple[bool, bool]:
    """Whether the app's identity may read a group, and take a rule away that is not there."""
    app, nsg = world.as_(CALLER), world.estate.bastion_nsg
    asked = (app.get(nsg), app.delete(f"{nsg}/securityRules/none"))
    answers = [await asyncio.gather(each, return_exceptions=True) for each in asked]
    return not isinstance(answers[0][0], RefusedError), not isinstance(answers[1][0], RefusedError)


async def may_log(world: World, here: str) -> tuple[bool, bool]:
    """Whether the app may write a diagnostic setting in the group that `several` names, and elsewhere."""
    app, named = world.as_(CALLER), f"/subscriptions/{here}/resourceGroups/{NAMED}/{GROUP_IN_IT}"
    body = {"properties": {"workspaceId": world.estate.workspace}}
    puts = [app.put(f"{where}/{DIAGNOSTICS}/ours", body) for where in (named, world.estate.bastion_nsg)]
    answers = [await asyncio.gather(each, return_exceptions=True) for each in puts]
    return not isinstance(answers[0][0], RefusedError), not isinstance(answers[1][0], RefusedError)


async def make_log_groups(world: World, here: str) -> None:
    """The resource groups that `several` names in logGroups, which are there before the deployment."""
    alice = world.as_("alice")
    for group in (
        f"/subscriptions/{here}/resourceGroups/{NAMED}",
        f"/subscriptions/{THERE}/resourceGroups/rg-hub",
    ):
        await alice.put(group, {"location": world.estate.region})
    await alice.put(
        f"/subscriptions/{here}/resourceGroups/{NAMED}/{GROUP_IN_IT}", {"location": world.estate.region}
    )


def ours(world: World) -> tuple[int, int]:
    """How many role assignments and custom roles stand in the lab."""
    of_kind = world.arm.store.of_kind
    return len(list(of_kind(ASSIGNMENT_KIND))), len(list(of_kind(DEFINITION_KIND)))


@functools.cache
def life(name: str) -> Life:
    """The page walked with a set: phase one and two, repairing allowed, taken back, upgraded, removed."""
    lived = Life()

    async def story(world: World) -> None:
        with tempfile.TemporaryDirectory(prefix="az-") as folder:
            az = LabAz(Path(folder), world.arm_url, of=name, here=world.subscription)
            await walk(world, az, lived)
            lived.called.update(az.called)
            lived.deletes += az.deletes

    play(story, estate=Estate(23, spokes=1), roles={})
    return lived


async def walk(world: World, az: LabAz, lived: Life) -> None:
    known: dict[str, str] = deployed.snapshot(az.of, az.here)["outputs"]
    group = f"/subscriptions/{az.here}/resourceGroups/{known['AZURE_RESOURCE_GROUP']}"

    async def step(what: str, script: str) -> None:
        done = await asyncio.to_thread(az.run, script, **known, WEBHOOK="https://example.com")
        lived.ended[what] = (done.returncode, done.stderr)
        lived.may[what], lived.roles[what] = await may(world), ours(world)
        lived.logs[what] = await may_log(world, az.here)

    world.arm.settings.assigned = (CALLER,)
    await make_log_groups(world, az.here)
    await step("before", "az account show")
    await step("deployed", f"{PHASE_ONE}\n{PHASE_TWO}")
    lived.looks["deployed"] = await look(world)
    if az.of not in MAY_FIX:
        await step("may fix", f"{PHASE_ONE} mayFix=true")
        lived.looks["may fix"] = await look(world)
    await step("taken back", TAKE_BACK)
    lived.looks["taken back"] = await look(world)
    await step(
        "upgraded", UPGRADE.replace("rg-guard-prod", known["AZURE_RESOURCE_GROUP"]) + 'echo "$sku" >&2'
    )
    vault = f"{group}/providers/Microsoft.KeyVault/vaults/{known['KEY_VAULT_NAME']}"
    await world.as_("policy").put(f"{vault}/{DIAGNOSTICS}/by-policy", {"properties": {"workspaceId": "/w"}})
    if az.of == "several":
        await step("removed there", f'sh infra/remove.sh "$AZURE_RESOURCE_GROUP" {THERE} {az.here}')
    await step("removed", REMOVE)
    lived.left = [record.key for record in world.arm.store.under(group)]


def test_the_rights_that_repairing_adds_are_those_the_templates_give_where_it_is_allowed() -> None:
    for name in SETS:
        adds = deployed.requests(name, HERE, may_fix=True) != deployed.requests(name, HERE)
        assert adds == (name not in MAY_FIX), name


@pytest.mark.parametrize("name", SETS)
def test_each_script_of_the_page_ends_well_and_what_the_lab_has_is_carried_out(name: str) -> None:
    lived = life(name)
    assert {what: ended for what, ended in lived.ended.items() if ended[0] != 0} == {}
    assert EFFECTS.keys() - lived.called == {"provider register"}
    assert lived.called - EFFECTS.keys() <= NOT_IN_THE_LAB.keys()


@pytest.mark.parametrize("name", SETS)
def test_with_its_deployment_the_app_may_read_and_without_may_fix_no_more(name: str) -> None:
    lived = life(name)
    assert lived.may["before"] == (False, False)
    assert lived.may["deployed"] == (True, name in MAY_FIX)
    assert lived.roles["before"] == (0, 0)
    assert lived.roles["deployed"][1] == (6 if name == "several" else 3)
    if name not in MAY_FIX:
        seen = lived.looks["deployed"]
        # What could not be read before the deployment ends by a round of its own, sooner or later than this.
        told = [change for change in seen.told if change != "DriftResolved"]
        assert (seen.closed, told, seen.writes) == (False, ["DriftProposed"], set())


@pytest.mark.parametrize("name", SETS)
def test_with_may_fix_the_app_closes_what_somebody_opened(name: str) -> None:
    what = "deployed" if name in MAY_FIX else "may fix"
    lived, seen = life(name), life(name).looks[what]
    assert lived.may[what] == (True, True)
    assert (seen.closed, seen.told[-1:], seen.reads, seen.writes) == (True, ["DriftFixed"], {200}, {200})


@pytest.mark.parametrize("name", SETS)
def test_the_right_taken_back_by_hand_leaves_reading_and_telling(name: str) -> None:
    """The app judges on, writes nothing, and says which right it lacks."""
    lived, seen = life(name), life(name).looks["taken back"]
    granted = "deployed" if name in MAY_FIX else "may fix"
    taken = 2 if name == "several" else 1  # that of the logs stands on a group
    assert lived.roles["taken back"][0] == lived.roles[granted][0] - taken
    assert lived.may["taken back"] == (True, False)
    assert (seen.closed, seen.told, seen.writes) == (False, ["DriftReopened"], set())
    assert ["AuthorizationFailed" in why for why in seen.held_back_by] == [True]


@pytest.mark.parametrize("name", SETS)
def test_an_upgrade_hands_on_the_sku_that_the_account_has(name: str) -> None:
    """The first release knew no other prefix of names than guard."""
    account = snapshots.the(
        name, "Microsoft.Storage/storageAccounts", "stguard" if name != "several" else "stco"
    )
    known = life(name).ended["upgraded"][1].split()
    assert known == ([] if name == "several" else [account["sku"]["name"]])


@pytest.mark.parametrize("name", SETS)
def test_after_the_removal_nothing_of_ours_is_left_in_the_lab(name: str) -> None:
    lived = life(name)
    assert (lived.roles["removed"], lived.left) == ((0, 0), [])
    assert lived.may["removed"] == (False, False)
    assert lived.ended["removed"][1].rstrip().endswith("remove: 0 left")
    setting = next(at for at, path in enumerate(lived.deletes) if path.endswith("/by-policy"))
    assert "/resourceGroups/" in lived.deletes[setting + 1]
    assert [path for path in lived.deletes[setting + 1 :] if "/roleAssignments/" in path] == []


def test_a_watched_subscription_is_cleared_before_the_apps_own() -> None:
    lived = life("several")
    assert lived.may["removed there"] == (True, True)
    assert lived.roles["removed there"] == (lived.roles["upgraded"][0] - 3, 3)


def test_diagnostic_settings_may_be_put_back_in_the_groups_that_were_named_and_nowhere_else() -> None:
    lived = life("several")
    assert (lived.logs["deployed"], lived.logs["taken back"]) == ((True, False), (False, False))


def test_the_providers_that_the_lab_knows_are_registered(tmp_path: Path) -> None:
    named = re.findall(r"`(Microsoft\.\w+)`", TOLD.partition("az provider register")[0])
    known = [name for name in named if offered(name)]
    assert len(known) > 4
    script = "".join(f"az provider register --namespace {name} --query registrationState --output tsv\n"
                     for name in known)  # fmt: skip
    with in_background(Arm(settings=Settings(subscriptions=(HERE,)))) as url:
        done = LabAz(tmp_path, url, of="plain", here=HERE).run(script)
    assert done.stdout.split() == ["Registered"] * len(known)


def test_a_command_that_the_lab_refuses_fails_as_az_does(tmp_path: Path) -> None:
    with in_background(Arm(settings=Settings(subscriptions=(HERE,)))) as url:
        done = LabAz(tmp_path, url, of="plain", here=HERE).run("az group delete --yes --name rg-nowhere")
    assert done.returncode == 1
    assert "(ResourceGroupNotFound)" in done.stderr


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("[].name", ["a", "b"]),
        ("[0].name", "a"),
        ("[?name=='b'].sku.name", ["S"]),
        ("[?starts_with(role || '', 'x') && ends_with(name, 'a')].name", ["a"]),
        ("[?contains(role || '', 'y')].name", []),
    ],
)
def test_queries_are_answered_as_they_are_asked(query: str, found: object) -> None:
    assert queried([{"name": "a", "role": "xz"}, {"name": "b", "sku": {"name": "S"}}], query) == found
