#!/bin/sh
# Phase two: the package, then the event subscriptions, then a first look at everything. Run by azd after
# provisioning, or by hand with the outputs of main.bicep in the environment; docs/deploy.md, steps 3 and 4. May be
# run again at any time: whatever is there already is left as it is or put in its place once more.
set -eu
: "${AZURE_RESOURCE_GROUP:?}" "${AZURE_LOCATION:?}" "${FUNCTION_APP_NAME:?}" "${FUNCTION_APP_ID:?}"
: "${STORAGE_ACCOUNT_ID:?}" "${SYSTEM_TOPIC_IDS:?}" "${EVENT_SUBSCRIPTION_PREFIX:?}" "${DEAD_LETTERS:?}"
: "${DRIFT_TOPIC_ID?}" "${DEAD_LETTER_ACCOUNT_ID?}" "${VAULT_SETTINGS?}" # may be empty

# Not the subscription az happens to be set to, which is not azd's: the one the app is in.
subscription=$(echo "$FUNCTION_APP_ID" | cut -d / -f 3)
api=api-version=2025-03-01
said=$(mktemp)
trap 'rm -f "$said"' EXIT

say() { echo "publish: $1" >&2; }

# Tries a command again while Azure says that something is not there yet: `again WHAT PATTERN COMMAND...`.
again() {
  what=$1 passing=$2 tries=0
  shift 2
  say "$what"
  until "$@" 2>"$said"; do
    tries=$((tries + 1))
    cat "$said" >&2
    grep -Eiq "$passing" "$said" || { say "$what: this does not pass by itself"; return 1; }
    test "$tries" -lt 20 || { say "$what: given up after $tries tries"; return 1; }
    say "$what: not ready yet, trying again in 15 seconds ($tries of 20)"
    sleep 15
  done
}

busy='503|service unavailable|502|bad gateway|504|timed? ?out|429|too many requests|409|conflict'

# The app reads the webhook by a reference to the vault, under a role that is as new as the app. A reference that was
# looked up too early stays unresolved until it is looked up anew.
for setting in $VAULT_SETTINGS; do
  say "waiting until the app may read $setting from the vault"
  tries=0
  while :; do
    az rest --method post --uri "$FUNCTION_APP_ID/config/configreferences/appsettings/refresh?$api" --output none || true
    status=$(az rest --method get --uri "$FUNCTION_APP_ID/config/configreferences/appsettings/$setting?$api" \
      --query properties.status --output tsv) || status=
    test "$status" != Resolved || break
    tries=$((tries + 1))
    # Judging goes on without a webhook, and cards wait: no reason to stop here.
    test "$tries" -lt 20 || { say "$setting is ${status:-unknown} after 5 minutes; the doctor says what is missing"; break; }
    say "$setting is ${status:-unknown}: the role is not in force everywhere yet, looking again in 15 seconds ($tries of 20)"
    sleep 15
  done
done

again "the package" "$busy|403|forbidden" \
  az functionapp deployment source config-zip --subscription "$subscription" \
  --resource-group "$AZURE_RESOURCE_GROUP" --name "$FUNCTION_APP_NAME" \
  --src build/bastion-guard.zip --build-remote false --output none

say "waiting until the functions are indexed"
tries=0
until az functionapp function list --subscription "$subscription" --resource-group "$AZURE_RESOURCE_GROUP" --name "$FUNCTION_APP_NAME" \
  --query "[].name" --output tsv | grep -q on_resource_change; do
  tries=$((tries + 1))
  test "$tries" -lt 30 || { say "no function on_resource_change after 5 minutes"; exit 1; }
  sleep 10
done

again "the event subscriptions" "$busy|endpoint.*not found|not found.*endpoint|endpoint validation|validation handshake|only eventgridtrigger|authorizationfailed" \
  az deployment sub create --subscription "$subscription" --name guard-events --location "$AZURE_LOCATION" \
  --template-file infra/events.bicep --output none \
  --parameters functionAppId="$FUNCTION_APP_ID" systemTopicIds="$SYSTEM_TOPIC_IDS" \
    eventSubscriptionPrefix="$EVENT_SUBSCRIPTION_PREFIX" driftTopicId="$DRIFT_TOPIC_ID" \
    deadLetters="$DEAD_LETTERS" deadLetterAccountId="$DEAD_LETTER_ACCOUNT_ID" \
    storageAccountId="$STORAGE_ACCOUNT_ID"

# What drifted before anybody listened. The timer would find it too, within six hours.
again "a first look at everything" "$busy|404|not found" \
  az rest --method post --uri "$FUNCTION_APP_ID/hostruntime/admin/functions/sweep?$api" --body '{}' --output none ||
  say "no first look was started: it comes by itself within six hours, or with python -m remediation sweep --now"
say "done"
