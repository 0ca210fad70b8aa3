#!/bin/sh
# Takes away what a resource group does not take with it, then the group, in one subscription; afterwards a list of
# what is left, which is to be empty. docs/deploy.md, Remove. `--list` only lists. May be run again at any time.
#   sh infra/remove.sh [--list] RESOURCE_GROUP SUBSCRIPTION [SUBSCRIPTION_OF_THE_APP [TOPIC_RESOURCE_GROUP]]
# Watched subscriptions first, the app's own last: whose roles they are is told by the identity of the app.
set -eu
only=
if test "${1:-}" = --list; then only=list; shift; fi
group=${1:?resource group} subscription=${2:?subscription id}
home=${3:-$subscription} topics=${4:-$group}
app="/subscriptions/$subscription/resourceGroups/$group"

say() { echo "remove: $1" >&2; }

# Each of these prints one name or id a line, of what is ours in this subscription.
event_subscriptions() { # TOPIC
  az eventgrid system-topic event-subscription list --subscription "$subscription" --resource-group "$topics" \
    --system-topic-name "$1" --query "[?contains(destination.resourceId || '', '/resourceGroups/$group/')].name" --output tsv
}
system_topics() {
  az eventgrid system-topic list --subscription "$subscription" --resource-group "$topics" \
    --query "[?topicType=='Microsoft.Resources.Subscriptions'].name" --output tsv
}
resources() {
  az resource list --subscription "$subscription" --resource-group "$group" --query "[].id" --output tsv
}
identities() {
  az identity list --subscription "$home" --resource-group "$group" --query "[].principalId" --output tsv
}
settings() { # RESOURCE; types that have none answer with an error
  az monitor diagnostic-settings list --resource "$1" --query "[].name" --output tsv 2>/dev/null || true
}
assignments() {
  az role assignment list --subscription "$subscription" --all \
    --query "[?starts_with(roleDefinitionName || '', 'Bastion Guard')].id" --output tsv
}
definitions() {
  az role definition list --subscription "$subscription" --custom-role-only true \
    --query "[?ends_with(roleName, '($subscription)') && starts_with(roleName, 'Bastion Guard')].name" --output tsv
}
exists() { test "$(az group exists --subscription "$1" --name "$2")" = true; } # SUBSCRIPTION GROUP

if test -z "$only"; then
  say "event subscriptions, or Event Grid fills the dead letters with what nobody takes"
  if exists "$subscription" "$topics"; then
    for topic in $(system_topics); do
      for name in $(event_subscriptions "$topic"); do
        az eventgrid system-topic event-subscription delete --yes --subscription "$subscription" \
          --resource-group "$topics" --system-topic-name "$topic" --name "$name"
      done
    done
  fi
  if exists "$home" "$group"; then
    say "roles of the app"
    for principal in $(identities); do
      for id in $(az role assignment list --subscription "$subscription" --all --assignee "$principal" --query "[].id" --output tsv); do
        az role assignment delete --ids "$id"
      done
    done
  fi
  if exists "$subscription" "$group"; then
    say "diagnostic settings, which outlive the resource they belong to"
    for id in $(resources); do
      for setting in $(settings "$id"); do
        az monitor diagnostic-settings delete --resource "$id" --name "$setting"
      done
    done
    say "the resource group $group with all in it"
    az group delete --yes --subscription "$subscription" --name "$group"
  fi
  # Other environments of this subscription may use the same roles: then they stay.
  if test -z "$(assignments)"; then
    say "the roles"
    for name in $(definitions); do
      az role definition delete --subscription "$subscription" --name "$name"
    done
  fi
fi

say "what is left in $subscription:"
left=0
note() { left=$((left + 1)); echo "$1"; }
if exists "$subscription" "$group"; then
  note "resource group $app"
  for id in $(resources); do
    note "resource $id"
    for setting in $(settings "$id"); do note "diagnostic setting $setting of $id"; done
  done
fi
if exists "$subscription" "$topics"; then
  for topic in $(system_topics); do
    for name in $(event_subscriptions "$topic"); do note "event subscription $topic/$name"; done
  done
fi
for id in $(assignments); do note "role assignment $id"; done
for name in $(definitions); do note "role definition $name"; done
say "$left left"
test "$left" = 0
