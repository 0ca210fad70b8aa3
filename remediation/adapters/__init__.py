"""What touches the world: Azure's SDKs, memory and files behind the ports of the core.

arm            Azure Resource Manager and its activity log
channels       Slack and webhooks of one's own, and what every secret webhook has in common
storage        tables, queues and blobs of the app's account
memory         the same ports in memory, held to the same contracts
drift_topic    announcements to the custom Event Grid topic
teams          cards to a Teams channel; log_notifier where there is none
telemetry      who collects what is measured
outside        a deployed app as the doctor sees it
apps           function apps over HTTP: our own host, and a deployed app asked at a desk
azure_errors   foreign errors -> ours; retrying tries again within one call
credentials    who we are to Azure; azure_hosts who that is, and nobody else
bicep          the Bicep CLI, where there is one
person         who somebody at a desk is, by the token they are signed in with
clock, files   time, and text from files
keeping        leases are renewed while their holder works
together       calls that do not depend on each other, side by side
"""
