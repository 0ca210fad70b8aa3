"""Diagnostic settings as ARM documents, and resources that are written as ARM's anyway."""

import json
from typing import Any

from remediation.estates.deployments.prediction import Document
from remediation.estates.deployments.terraform.blocks import Block, properties


def diagnostic_setting(block: Block) -> Document:
    logs: list[Document] = [_log(one, enabled=True) for one in block.blocks("enabled_log")]
    logs += [_log(one, enabled=one.get("enabled") is not False) for one in block.blocks("log")]
    metrics = [_log(one, enabled=True) for one in block.blocks("enabled_metric")]
    metrics += [_log(one, enabled=one.get("enabled") is not False) for one in block.blocks("metric")]
    return {
        "properties": properties(
            workspaceId=block.id("log_analytics_workspace_id", "azurerm_log_analytics_workspace"),
            storageAccountId=block.id("storage_account_id", "azurerm_storage_account"),
            eventHubAuthorizationRuleId=block.id("eventhub_authorization_rule_id"),
            eventHubName=block.get("eventhub_name"),
            logAnalyticsDestinationType=block.get("log_analytics_destination_type"),
            logs=logs,
            metrics=metrics or None,
        )
    }


def _log(block: Block, *, enabled: bool) -> Document:
    told = properties(category=block.get("category"), categoryGroup=block.get("category_group"))
    return {**told, "enabled": enabled}


def written(block: Block) -> Document:
    """A resource of the azapi provider: its body is ARM's."""
    body: Any = block.values.get("body")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            body = None
    if not isinstance(body, dict):
        return {"properties": block.text("body")}
    return {"properties": {}, **body}
