#!/bin/sh
# Phase two: the package, then the event subscriptions. Run by azd after provisioning, or by hand with the
# outputs of main.bicep in the environment; docs/deploy.md, steps 3 and 4. May be run again at any time.
set -eu
: "${AZURE_RESOURCE_GROUP:?}" "${AZURE_LOCATION:?}" "${FUNCTION_APP_NAME:?}" "${FUNCTION_APP_ID:?}"
: "${DRIFT_TOPIC_ID:?}" "${DEAD_LETTER_ACCOUNT_ID:?}" "${STORAGE_ACCOUNT_ID:?}"

# Not the subscription az happens to be set to, which is not azd's: the one the app is in.
subscription=$(echo "$FUNCTION_APP_ID" | cut -d / -f 3)

echo "publish: the package" >&2
az functionapp deployment source config-zip --subscription "$subscription" \
  --resource-group "$AZURE_RESOURCE_GROUP" --name "$FUNCTION_APP_NAME" \
  --src build/bastion-guard.zip --build-remote false --output none

echo "publish: waiting until the functions are indexed" >&2
tries=0
until az functionapp function list --subscription "$subscription" --resource-group "$AZURE_RESOURCE_GROUP" --name "$FUNCTION_APP_NAME" \
  --query "[].name" --output tsv | grep -q on_resource_change; do
  tries=$((tries + 1))
  test "$tries" -lt 30 || { echo "publish: no function on_resource_change after 5 minutes" >&2; exit 1; }
  sleep 10
done

echo "publish: the event subscriptions" >&2
az deployment sub create --subscription "$subscription" --name guard-events --location "$AZURE_LOCATION" \
  --template-file infra/events.bicep --output none \
  --parameters resourceGroupName="$AZURE_RESOURCE_GROUP" functionAppId="$FUNCTION_APP_ID" \
    driftTopicId="$DRIFT_TOPIC_ID" deadLetterAccountId="$DEAD_LETTER_ACCOUNT_ID" \
    storageAccountId="$STORAGE_ACCOUNT_ID" subscriptions="${GUARD_SUBSCRIPTIONS:-[]}" \
    deadLetterWithIdentity="${GUARD_DEAD_LETTER_WITH_IDENTITY:-false}"
