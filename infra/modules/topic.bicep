// The drift topic: the channel of record for announcements. Publishers show an identity, there is no key.
@description('Name of the topic.')
param name string
@description('Region of the topic.')
param location string
@description('Tags of the topic.')
param tags object
@description('Whether it is reached over a private endpoint alone; its events then reach nobody outside Azure.')
param closed bool
@description('What alert rules are called by.')
param namePrefix string
@description('Object id of the app identity, which may publish.')
param principalId string
@description('Account of the app, where undelivered announcements are kept; the topic writes with its own identity.')
param storageAccountName string
@description('Whom the alert tells; empty for nobody.')
param actionGroupId string

var sender = 'd5a91429-5739-47e2-a06b-3470a27159e7' // EventGrid Data Sender
var writer = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor

resource letters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = {
  name: '${storageAccountName}/default/drift-dead-letters'
}

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
    publicNetworkAccess: closed ? 'Disabled' : 'Enabled'
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: topic
  name: guid(topic.id, principalId, sender)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
  }
}

resource writing 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: letters
  name: guid(letters.id, topic.id, writer)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', writer)
  }
}

module undelivered 'undelivered.bicep' = {
  params: {
    prefix: namePrefix
    ending: '-drift'
    topicId: topic.id
    of: 'announcements'
    tags: tags
    actionGroupId: actionGroupId
  }
}

@description('Resource id of the topic.')
output id string = topic.id
@description('Where events are published.')
output endpoint string = topic.properties.endpoint
