// The app and all that belongs to it, in one resource group.
@description('Region of everything here.')
param location string
@description('Tags of everything here.')
param tags object
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
@description('Memory of an instance in MB.')
param instanceMemoryMB int
@description('Most instances at once.')
param maximumInstanceCount int
@description('Days that data is kept.')
param retentionDays int
@description('Where alerts are mailed; empty for nowhere.')
param alertEmail string
@description('Subnet of the app; empty for none.')
param integrationSubnetId string
@description('Addresses that may reach the dead letters.')
param allowedAddresses string[]
@description('Whether dead letters are written with an identity.')
param deadLetterWithIdentity bool
@description('Whether the account of the dead letters takes any network.')
param deadLettersFromAnywhere bool
@description('Object ids of those who may call replay and history; empty for whoever has the function key.')
param replayPrincipals string[]
@description('Whether the worker sends OpenTelemetry.')
param openTelemetry bool

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-guard-${suffix}'
  location: location
  tags: tags
}

module storage 'storage.bicep' = {
  name: 'storage-${suffix}'
  params: {
    name: 'stguard${suffix}'
    location: location
    tags: tags
    principalId: identity.properties.principalId
  }
}

module deadLetters 'dead_letters.bicep' = {
  name: 'dead-letters-${suffix}'
  params: {
    name: 'stdead${suffix}'
    location: location
    tags: tags
    principalId: identity.properties.principalId
    allowSharedKey: !deadLetterWithIdentity
    integrationSubnetId: integrationSubnetId
    allowedAddresses: allowedAddresses
    fromAnywhere: deadLettersFromAnywhere
    retentionDays: retentionDays
  }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring-${suffix}'
  params: {
    suffix: suffix
    location: location
    tags: tags
    principalId: identity.properties.principalId
    retentionDays: retentionDays
    alertEmail: alertEmail
  }
}

module vault 'vault.bicep' = {
  name: 'vault-${suffix}'
  params: {
    name: 'kvguard${suffix}'
    location: location
    tags: tags
    principalId: identity.properties.principalId
    teamsWebhookUrl: teamsWebhookUrl
  }
}

module topic 'topic.bicep' = {
  name: 'topic-${suffix}'
  params: {
    name: 'evgt-drift-${suffix}'
    location: location
    tags: tags
    principalId: identity.properties.principalId
    storageAccountName: storage.outputs.name
    actionGroupId: monitoring.outputs.actionGroupId
  }
}

module functions 'functions.bicep' = {
  name: 'functions-${suffix}'
  params: {
    name: 'func-guard-${suffix}'
    location: location
    tags: tags
    identityId: identity.id
    clientId: identity.properties.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    deadLetterEndpoint: empty(integrationSubnetId) && !deadLettersFromAnywhere ? '' : deadLetters.outputs.endpoint
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    driftTopicEndpoint: topic.outputs.endpoint
    webhookSecretUri: hasWebhook ? vault.outputs.webhookSecretUri : ''
    subscriptions: subscriptions
    baseline: baseline
    replayPrincipals: replayPrincipals
    openTelemetry: openTelemetry
    retentionDays: retentionDays
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    integrationSubnetId: integrationSubnetId
  }
}

module alerts 'alerts.bicep' = {
  name: 'alerts-${suffix}'
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: monitoring.outputs.actionGroupId
  }
}

module workbook 'workbook.bicep' = {
  name: 'workbook-${suffix}'
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

@description('Object id of the app identity, to which roles are given.')
output principalId string = identity.properties.principalId
@description('Name of the function app.')
output functionAppName string = functions.outputs.name
@description('Resource id of the function app.')
output functionAppId string = functions.outputs.id
@description('Resource id of the drift topic.')
output driftTopicId string = topic.outputs.id
@description('Resource id of the account of the dead letters.')
output deadLetterAccountId string = deadLetters.outputs.id
@description('Name of the account of the dead letters.')
output deadLetterAccountName string = deadLetters.outputs.name
@description('Resource id of the action group; empty without an address.')
output actionGroupId string = monitoring.outputs.actionGroupId
@description('Name of the vault.')
output keyVaultName string = vault.outputs.name
@description('Resource id of the account of the app.')
output storageAccountId string = storage.outputs.id
@description('Name of the account of the app.')
output storageAccountName string = storage.outputs.name
