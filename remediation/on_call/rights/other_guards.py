"""Who else looks like this app on a watched subscription: by the roles, by the apps, by who hears of changes.

Each is asked by itself, and what cannot be seen is unknown. That another one holds the role that repairs is
bad only where an app that runs is seen to hold it; anything else may be meant, or be what is left of one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from remediation.errors import BastionGuardError
from remediation.judging.gathering import Reads
from remediation.kinds import WEB_SITE
from remediation.model import Listing, Resource, dig
from remediation.on_call.checkup.answers import Check
from remediation.on_call.deliveries import CHANGES, topic_of
from remediation.on_call.rights.held import principals_of
from remediation.reconciling.others.entitled import REPAIRS, Holding, holdings
from remediation.resource_id import ResourceId

ONE_HAS_TO_GO = "see docs/runbook.md, two-apps"
OUR_TAG = ("tags", "application"), "bastion-guard"
MOST_TOLD = 10


@dataclass(slots=True)
class OtherGuards:
    """Looks at one subscription, for the app `own`; `reader` is what gives whoever asks the right to read."""

    cloud: Reads
    own: Resource
    subscription: str
    reader: str
    _told: set[str] = field(default_factory=set, init=False)
    _unseen: list[Check] = field(default_factory=list, init=False)

    def checks(self) -> list[Check]:
        """What there is, the worst first, and what could not be seen; one good line where neither is."""
        found = sorted(self._found(), key=lambda check: check.state != "bad")
        return found or [Check(self._name, "good", "no other app of this kind is seen here")]

    def _found(self) -> Iterator[Check]:
        apps = self._seen("function apps", self._apps) or {}
        held = self._seen("role assignments", self._held) or []
        heard = self._seen("event subscriptions", self._heard) or {}
        by_principal: dict[str, list[Holding]] = {}
        for one in held:
            by_principal.setdefault(one.principal, []).append(one)
        yield from (self._of_holder(each, apps) for each in list(by_principal.values())[:MOST_TOLD])
        if len(by_principal) > MOST_TOLD:
            yield self._check(f"and {len(by_principal) - MOST_TOLD} more that hold our roles", self._roles())
        yield from (self._of_events(name, count) for name, count in heard.items())
        yield from self._of_apps(apps)
        yield from self._unseen

    # Asking ------------------------------------------------------------------------------------

    def _apps(self) -> dict[str, Resource]:
        """Other apps that our template made, here or where this one is, by their ids."""
        scopes = dict.fromkeys((self.subscription.lower(), self.own.id.subscription.lower()))
        listed = [
            one for each in scopes for one in self.cloud.list(Listing(WEB_SITE, f"/subscriptions/{each}"))
        ]
        path, ours = OUR_TAG
        return {one.id.key: one for one in listed if dig(one.body, *path) == ours and one.id != self.own.id}

    def _held(self) -> list[Holding]:
        own = principals_of(self.own)
        return [one for one in holdings(self.cloud, self.subscription) if one.principal not in own]

    def _heard(self) -> dict[str, int]:
        """How many event subscriptions lead to the function of another app that takes changes in."""
        topic = topic_of(self.cloud, self.subscription)
        found: dict[str, int] = {}
        listed = (
            () if topic is None else self.cloud.list(Listing(f"{topic.type}/eventSubscriptions", topic.text))
        )
        for one in listed:
            leads_to = str(dig(one.body, "properties", "destination", "properties", "resourceId") or "")
            app, _, function = leads_to.lower().partition("/functions/")
            if function == CHANGES and app != self.own.id.key:
                found[app] = found.get(app, 0) + 1
        return found

    def _seen[T](self, what: str, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except BastionGuardError as error:
            text = f"{what} could not be seen, so others may be there: {error}"
            self._unseen.append(self._check(text, self.reader))
            return None

    # Telling -----------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return f"guards {self.subscription}"

    def _check(self, text: str, command: str) -> Check:
        return Check(self._name, "unknown", text, command)

    def _roles(self) -> str:
        asked = "[?starts_with(roleDefinitionName, 'Bastion Guard')]"
        listing = f"az role assignment list --all --subscription {self.subscription}"
        return f'{listing} --query "{asked}" --output table'

    def _of_holder(self, found: Sequence[Holding], apps: Mapping[str, Resource]) -> Check:
        """What one principal holds, and whose it is as far as one sees."""
        one, roles = found[0], dict.fromkeys(each.role for each in found)
        held = " and ".join(roles)
        app = next((app for app in apps.values() if one.principal in principals_of(app)), None)
        if app is None:
            text = f"{one.kind} {one.principal} holds {held}; no app of ours that is seen has this identity"
            look = "" if one.kind.lower() != "serviceprincipal" else f"az ad sp show --id {one.principal}"
            return self._check(text, look or self._roles())
        self._told.add(app.id.key)
        state = str(app.properties("state") or "in an unknown state").lower()
        text = f"function app {_shown(app.id)}, {state}, holds {held}, too"
        if REPAIRS in roles and state == "running":
            return Check(self._name, "bad", text, ONE_HAS_TO_GO)
        return self._check(text, ONE_HAS_TO_GO)

    def _of_events(self, app: str, count: int) -> Check:
        self._told.add(app)
        named = "event subscription tells" if count == 1 else "event subscriptions tell"
        text = f"{count} {named} function app {_shown(ResourceId.parse(app))} of the same changes"
        return self._check(text, ONE_HAS_TO_GO)

    def _of_apps(self, apps: Mapping[str, Resource]) -> Iterator[Check]:
        """Those of which nothing else was seen."""
        for key, app in apps.items():
            if key not in self._told:
                text = f"function app {_shown(app.id)} is of this kind; whether it watches this is not seen"
                yield self._check(text, ONE_HAS_TO_GO)


def _shown(app: ResourceId) -> str:
    return f"{app.name} in {app.resource_group}"
