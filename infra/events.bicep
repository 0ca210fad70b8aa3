// Phase two: the event subscriptions, after the code is there. Event Grid refuses an endpoint whose function
// does not exist yet.
targetScope = 'subscription'

@description('Ids of the watched subscriptions; empty for the one deployed to. The same as in main.bicep.')
param subscriptions string[] = []

@description('Resource group of the app; the same as in main.bicep.')
param resourceGroupName string

@description('Resource id of the function app, an output of main.bicep.')
param functionAppId string

@description('Resource id of the drift topic, an output of main.bicep.')
param driftTopicId string

@description('Resource id of the account of the dead letters, an output of main.bicep.')
param deadLetterAccountId string

@description('Resource id of the account of the app, an output of main.bicep.')
param storageAccountId string

@description('Let Event Grid write dead letters with an identity; the same as in main.bicep.')
param deadLetterWithIdentity bool = false

@description('Tries before an event becomes a dead letter.')
@minValue(1)
@maxValue(30)
param maxDeliveryAttempts int = 30

@description('Minutes before an event becomes a dead letter.')
@minValue(1)
@maxValue(1440)
param eventTimeToLiveInMinutes int = 1440

var watched = empty(subscriptions) ? [subscription().subscriptionId] : subscriptions

module changes 'modules/change_events.bicep' = [for id in watched: {
  scope: resourceGroup(id, resourceGroupName)
  name: 'change-events'
  params: {
    functionAppId: functionAppId
    deadLetterAccountId: deadLetterAccountId
    deadLetterWithIdentity: deadLetterWithIdentity
    maxDeliveryAttempts: maxDeliveryAttempts
    eventTimeToLiveInMinutes: eventTimeToLiveInMinutes
  }
}]

module drift 'modules/drift_events.bicep' = {
  scope: resourceGroup(split(driftTopicId, '/')[2], split(driftTopicId, '/')[4])
  name: 'drift-events'
  params: {
    driftTopicName: last(split(driftTopicId, '/'))
    functionAppId: functionAppId
    storageAccountId: storageAccountId
    maxDeliveryAttempts: maxDeliveryAttempts
    eventTimeToLiveInMinutes: eventTimeToLiveInMinutes
  }
}
