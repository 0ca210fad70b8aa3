// Announcements come back to the app, which notes that a card is owed. Others may subscribe beside it.
@description('Name of the drift topic.')
param driftTopicName string
@description('Resource id of the function app.')
param functionAppId string
@description('Resource id of the account of the app; the topic writes there with its identity.')
param storageAccountId string
@description('Tries before an event becomes a dead letter.')
param maxDeliveryAttempts int
@description('Minutes before an event becomes a dead letter.')
param eventTimeToLiveInMinutes int

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: driftTopicName
}

resource cards 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'guard-cards'
  properties: {
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: '${functionAppId}/functions/on_drift'
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    retryPolicy: { maxDeliveryAttempts: maxDeliveryAttempts, eventTimeToLiveInMinutes: eventTimeToLiveInMinutes }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storageAccountId, blobContainerName: 'drift-dead-letters' }
      }
    }
  }
}
