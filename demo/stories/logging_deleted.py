"""Somebody deletes the diagnostic setting of the hub's Bastion: nobody would know who connected to what."""

from collections.abc import Iterator

from demo.act import Check
from demo.casting import Casting
from demo.documents import held
from demo.stories.checks import check, one_write, told_once
from demo.stories.story import Quiet, Scene, Seen
from lab.estate import Estate
from lab.world import World
from remediation.telling.cards.words import kind_and_name

RULE = "bastion-diagnostics"


class LoggingDeleted(Quiet):
    name = "bastion-diagnostics-deleted"
    title = "Someone deletes the Bastion's diagnostic setting"
    short = "logging deleted"
    outcome = "Repaired"
    told = "The setting is back: every session is logged in the central workspace again."

    def __init__(self, casting: Casting, estate: Estate) -> None:
        self.who = casting.person(self.name, ("cli", "powershell"))
        self.bastion = estate.bastion
        self.setting = estate.diagnostic_setting
        self.workspace = estate.workspace

    async def happen(self, world: World) -> Scene:
        await self.who.at(world).delete(self.setting)
        name = self.setting.rpartition("/")[2]
        what = f"deletes diagnostic setting {name} of Bastion {kind_and_name(self.bastion)[1]}"
        return Scene((self.who.does(what),), {self.setting: None})

    def checks(self, seen: Seen) -> Iterator[Check]:
        now = held(seen.world, self.setting)
        properties = {} if now is None else now["properties"]
        workspace = str(properties.get("workspaceId"))
        right = workspace.lower() == self.workspace.lower()
        yield check("ARM has it again, with the central workspace", right, f"its workspace: {workspace}")
        on = [
            str(log.get("categoryGroup") or log.get("category"))
            for log in properties.get("logs", ())
            if log["enabled"]
        ]
        audited = bool({"allLogs", "audit", "BastionAuditLogs"} & set(on))
        yield check("the audit log is switched on in it", audited, f"switched on: {on}")
        yield one_write(seen, self.setting)
        yield from told_once(seen, RULE, self.bastion, "DriftFixed", "the repair was announced")
