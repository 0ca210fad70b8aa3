// The identity of a system topic that was there already may write dead letters.
@description('Name of the account of the dead letters.')
param accountName string
@description('Resource id of the system topic, which has an identity.')
param topicId string

var writer = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  scope: resourceGroup(split(topicId, '/')[2], split(topicId, '/')[4])
  name: last(split(topicId, '/'))
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, topicId, writer)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', writer)
  }
}
