// One event subscription for each family of operations: Event Grid takes 25 filter values in one, and the
// families share none, or each such event would arrive twice.
@description('Resource id of the function app.')
param functionAppId string
@description('Resource id of the account of the dead letters.')
param deadLetterAccountId string
@description('Whether dead letters are written with the identity of the topic.')
param deadLetterWithIdentity bool
@description('Tries before an event becomes a dead letter.')
param maxDeliveryAttempts int
@description('Minutes before an event becomes a dead letter.')
param eventTimeToLiveInMinutes int

var families = loadJsonContent('../operations.json')

var deadLetterDestination = {
  endpointType: 'StorageBlob'
  properties: { resourceId: deadLetterAccountId, blobContainerName: 'dead-letters' }
}
// Phase two of the switch: the topic has its identity since main.bicep ran with the same parameter.
var deadLettering = deadLetterWithIdentity
  ? { deadLetterWithResourceIdentity: { identity: { type: 'SystemAssigned' }, deadLetterDestination: deadLetterDestination } }
  : { deadLetterDestination: deadLetterDestination }

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: 'evgst-guard-${subscription().subscriptionId}'
}

resource changes 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = [for family in items(families): {
  parent: topic
  name: 'guard-${family.key}'
  properties: union(deadLettering, {
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
