"""The app without one of the guards that keep it from a deployer's work."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from remediation.model import Applicability, Finding
from remediation.reconciling.declaring.account import Account
from remediation.reconciling.declaring.drifting import Drift
from remediation.reconciling.declaring.eye import Eye
from remediation.reconciling.declaring.reckoning import Reckoning


class Hasty(Eye):
    """Puts back at once what may be a deployment whose event is still on its way, and asks no log."""

    def account(self, *asked: Any) -> Reckoning:
        found = super().account(*asked)
        return replace(found, waits={}) if isinstance(found, Account) else found

    def why_not(self, finding: Finding, account: Reckoning, now: datetime) -> str:
        return ""


class NeverAsks(Eye):
    """Takes it for granted that every event of a deployment comes in time."""

    def why_not(self, finding: Finding, account: Reckoning, now: datetime) -> str:
        return ""


class Careless(Eye):
    """Puts back by itself whatever differs, also what lets more in."""

    def account(self, *asked: Any) -> Reckoning:
        found = super().account(*asked)
        if not isinstance(found, Account):
            return found
        findings = tuple(map(_careless, found.drift.findings))
        return replace(found, drift=Drift(findings, found.drift.unknowns))


def _careless(finding: Finding) -> Finding:
    if finding.fix is None:
        return finding
    return replace(finding, fix=replace(finding.fix, consent="", applicability=Applicability.SAFE))
