// One event subscription for each family of operations: Event Grid takes 25 filter values in one, and the
// families share none, or each such event would arrive twice.
@description('Name of the system topic.')
param topicName string
@description('What the names of the event subscriptions begin with.')
param prefix string
@description('Resource id of the function app.')
param functionAppId string
@description('How changes that could not be delivered are kept: key, identity or off.')
param deadLetters string
@description('Resource id of the account of the dead letters; empty without one.')
param deadLetterAccountId string
@description('Tries before an event becomes a dead letter.')
param maxDeliveryAttempts int
@description('Minutes before an event becomes a dead letter.')
param eventTimeToLiveInMinutes int

var families = loadJsonContent('../operations.json')

var deadLetterDestination = {
  endpointType: 'StorageBlob'
  properties: { resourceId: deadLetterAccountId, blobContainerName: 'dead-letters' }
}
var deadLettering = {
  key: { deadLetterDestination: deadLetterDestination }
  identity: {
    deadLetterWithResourceIdentity: { identity: { type: 'SystemAssigned' }, deadLetterDestination: deadLetterDestination }
  }
  off: {}
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource changes 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = [for family in items(families): {
  parent: topic
  name: '${prefix}-${family.key}'
  properties: union(deadLettering[deadLetters], {
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: '${functionAppId}/functions/on_resource_change'
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceWriteFailure'
        'Microsoft.Resources.ResourceWriteCancel'
        'Microsoft.Resources.ResourceDeleteSuccess'
        'Microsoft.Resources.ResourceDeleteFailure'
        'Microsoft.Resources.ResourceDeleteCancel'
        'Microsoft.Resources.ResourceActionSuccess'
      ]
      advancedFilters: [{ operatorType: 'StringIn', key: 'data.operationName', values: family.value }]
    }
    retryPolicy: { maxDeliveryAttempts: maxDeliveryAttempts, eventTimeToLiveInMinutes: eventTimeToLiveInMinutes }
  })
}]
