// The app and all that belongs to it, in one resource group.
import { Names, Network, Tags, Zones } from 'shapes.bicep'

@description('Region of everything here.')
param location string
@description('Tags of everything here.')
param tags Tags
@description('Names of everything here.')
param names Names
@description('What alert rules are called by.')
param namePrefix string
@description('What makes names unique.')
param suffix string
@description('Ids of the subscriptions the app watches.')
param subscriptions string[]
@description('URL or path of the baseline; empty for none.')
param baseline string
@description('The webhook to store; empty stores none.')
@secure()
param teamsWebhookUrl string
@description('Whether the vault holds a webhook, stored now or earlier.')
param hasWebhook bool
@description('Settings of further channels, read from the vault.')
param channelSettings string[]
@description('SKU of the account of the app.')
param storageSku string
@description('Memory of an instance in MB.')
param instanceMemoryMB int
@description('Most instances at once.')
param maximumInstanceCount int
@description('Instances that are kept running.')
param alwaysReadyInstances int
@description('Days that data is kept.')
param retentionDays int
@description('Seconds for which changes are gathered before a round.')
param gatherSeconds int
@description('Where alerts are mailed; empty for nowhere.')
param alertEmail string
@description('How everything here is reached.')
param network Network
@description('Ids of private DNS zones by what they are for; empty for none.')
param privateDnsZoneIds Zones
@description('Where changes come from: eventGrid or activityLog.')
param changesFrom string
@description('When activity logs are read (NCRONTAB).')
param fetchSchedule string
@description('Whether the webhook may be on any host.')
param teamsAllowAnyHost bool
@description('How dead letters are kept: key, identity or off.')
param deadLetters string
@description('Whether the account of the dead letters takes any network.')
param deadLettersFromAnywhere bool
@description('Whether there is a drift topic.')
param driftTopic bool
@description('Object ids of those who may call replay and history; empty for whoever has the function key.')
param replayPrincipals string[]
@description('App registration by which people sign in; empty for none.')
param signInClientId string
@description('Programs whose tokens are taken besides.')
param signInPrograms string[]
@description('Object ids of the pipelines and people that declare by files.')
param declarers string[]
@description('Whether the worker sends OpenTelemetry.')
param openTelemetry bool

// Where the app can reach what Event Grid put aside it takes it in by itself.
var readsDeadLetters = deadLetters != 'off' && (!empty(network.integrationSubnetId) || deadLettersFromAnywhere)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: names.identity
  location: location
  tags: tags
}

module storage 'storage.bicep' = {
  params: {
    name: names.account
    location: location
    tags: tags
    sku: storageSku
    closed: network.closed
    #disable-next-line what-if-short-circuiting // part of the name of its role assignments since the first release
    principalId: identity.properties.principalId
    declarerIds: declarers
  }
}

module letters 'dead_letters.bicep' = if (deadLetters != 'off') {
  params: {
    name: names.deadLetters
    location: location
    tags: tags
    #disable-next-line what-if-short-circuiting // part of the name of its role assignments since the first release
    principalId: identity.properties.principalId
    allowSharedKey: deadLetters == 'key'
    integrationSubnetId: network.integrationSubnetId
    allowedAddresses: network.allowedAddresses
    fromAnywhere: deadLettersFromAnywhere
    retentionDays: retentionDays
  }
}

module monitoring 'monitoring.bicep' = {
  params: {
    names: names
    closed: network.closed
    location: location
    tags: tags
    #disable-next-line what-if-short-circuiting // part of the name of its role assignments since the first release
    principalId: identity.properties.principalId
    retentionDays: retentionDays
    alertEmail: alertEmail
  }
}

module vault 'vault.bicep' = {
  params: {
    name: names.vault
    location: location
    tags: tags
    closed: network.closed
    #disable-next-line what-if-short-circuiting // part of the name of its role assignments since the first release
    principalId: identity.properties.principalId
    teamsWebhookUrl: teamsWebhookUrl
  }
}

module topic 'topic.bicep' = if (driftTopic) {
  params: {
    name: names.topic
    location: location
    tags: tags
    closed: network.closed
    namePrefix: namePrefix
    #disable-next-line what-if-short-circuiting // part of the name of its role assignments since the first release
    principalId: identity.properties.principalId
    storageAccountName: names.account
    actionGroupId: monitoring.outputs.actionGroupId
  }
  dependsOn: [storage]
}

// The vault comes first, for its role: a reference that the app may not read yet stays unresolved for a while.
module functions 'functions.bicep' = {
  params: {
    name: names.app
    location: location
    tags: tags
    identityId: identity.id
    clientId: identity.properties.clientId
    storageAccountName: names.account
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    readsDeadLetters: readsDeadLetters
    deadLetterEndpoint: readsDeadLetters ? letters!.outputs.endpoint : ''
    applicationInsightsName: names.insights
    publishes: driftTopic
    driftTopicEndpoint: driftTopic ? topic!.outputs.endpoint : ''
    changesFrom: changesFrom
    fetchSchedule: fetchSchedule
    teamsAllowAnyHost: teamsAllowAnyHost
    hasWebhook: hasWebhook
    webhookSecretUri: hasWebhook ? vault.outputs.webhookSecretUri : ''
    channelSettings: channelSettings
    vaultPrefix: empty(channelSettings) ? '' : vault.outputs.vaultPrefix
    subscriptions: subscriptions
    baseline: baseline
    replayPrincipals: replayPrincipals
    signInClientId: signInClientId
    signInPrograms: signInPrograms
    openTelemetry: openTelemetry
    retentionDays: retentionDays
    gatherSeconds: gatherSeconds
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    network: network
  }
}

module monitorScope 'monitor_scope.bicep' = if (network.closed) {
  params: {
    name: names.monitorScope
    tags: tags
    members: [
      resourceId('Microsoft.OperationalInsights/workspaces', names.workspace)
      resourceId('Microsoft.Insights/components', names.insights)
    ]
  }
  dependsOn: [monitoring]
}

var account = resourceId('Microsoft.Storage/storageAccounts', names.account)
var reached = [
  { name: '${names.account}-blob', of: account, service: 'blob', zone: 'blob' }
  { name: '${names.account}-queue', of: account, service: 'queue', zone: 'queue' }
  { name: '${names.account}-table', of: account, service: 'table', zone: 'table' }
  { name: names.vault, of: resourceId('Microsoft.KeyVault/vaults', names.vault), service: 'vault', zone: 'vault' }
  { name: names.app, of: resourceId('Microsoft.Web/sites', names.app), service: 'sites', zone: 'sites' }
  {
    name: names.monitorScope
    of: resourceId('Microsoft.Insights/privateLinkScopes', names.monitorScope)
    service: 'azuremonitor'
    zone: 'monitor'
  }
]
var topicReached = { name: names.topic, of: resourceId('Microsoft.EventGrid/topics', names.topic), service: 'topic', zone: 'topic' }

module endpoints 'private_endpoint.bicep' = [for each in concat(reached, driftTopic ? [topicReached] : []): if (network.closed) {
  params: {
    name: 'pep-${each.name}'
    location: location
    tags: tags
    subnetId: network.endpointSubnetId
    targetId: each.of
    service: each.service
    zoneIds: filter(split(replace(privateDnsZoneIds[?each.zone] ?? '', ' ', ''), ','), id => !empty(id))
  }
  dependsOn: [storage, vault, functions, monitorScope, topic]
}]

module alerts 'alerts.bicep' = {
  params: {
    prefix: namePrefix
    suffix: suffix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: monitoring.outputs.actionGroupId
  }
}

module workbook 'workbook.bicep' = {
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

@description('Object id of the app identity, to which roles are given.')
output principalId string = identity.properties.principalId
@description('Resource id of the function app.')
output functionAppId string = functions.outputs.id
@description('Host name of the function app.')
output functionAppHost string = functions.outputs.host
@description('Resource id of the drift topic; empty without one.')
output driftTopicId string = driftTopic ? topic!.outputs.id : ''
@description('Resource id of the account of the dead letters; empty without one.')
output deadLetterAccountId string = deadLetters != 'off' ? letters!.outputs.id : ''
@description('Resource id of the action group; empty without an address.')
output actionGroupId string = monitoring.outputs.actionGroupId
@description('Resource id of the account of the app.')
output storageAccountId string = storage.outputs.id
