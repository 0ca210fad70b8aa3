// Phase two: the event subscriptions, after the code is there. Event Grid refuses an endpoint whose function
// does not exist yet. All parameters but the last two are outputs of main.bicep.
targetScope = 'subscription'

@description('Resource id of the function app.')
param functionAppId string

@description('Resource ids of the system topics that deliver changes; empty where the app fetches them.')
param systemTopicIds string[]

@description('What the names of the event subscriptions begin with.')
param eventSubscriptionPrefix string = 'guard'

@description('Resource id of the drift topic; empty without one.')
param driftTopicId string

@description('How changes that could not be delivered are kept.')
@allowed(['key', 'identity', 'off'])
param deadLetters string

@description('Resource id of the account of the dead letters; empty without one.')
param deadLetterAccountId string

@description('Resource id of the account of the app.')
param storageAccountId string

@description('Tries before an event becomes a dead letter.')
@minValue(1)
@maxValue(30)
param maxDeliveryAttempts int = 30

@description('Minutes before an event becomes a dead letter.')
@minValue(1)
@maxValue(1440)
param eventTimeToLiveInMinutes int = 1440

module changes 'modules/change_events.bicep' = [for id in systemTopicIds: {
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    topicName: last(split(id, '/'))
    prefix: eventSubscriptionPrefix
    functionAppId: functionAppId
    deadLetters: deadLetters
    deadLetterAccountId: deadLetterAccountId
    maxDeliveryAttempts: maxDeliveryAttempts
    eventTimeToLiveInMinutes: eventTimeToLiveInMinutes
  }
}]

module drift 'modules/drift_events.bicep' = if (!empty(driftTopicId)) {
  // A module that is left out has its scope worked out all the same.
  scope: resourceGroup(split(functionAppId, '/')[2], split(functionAppId, '/')[4])
  params: {
    driftTopicName: last(split(driftTopicId, '/'))
    functionAppId: functionAppId
    storageAccountId: storageAccountId
    maxDeliveryAttempts: maxDeliveryAttempts
    eventTimeToLiveInMinutes: eventTimeToLiveInMinutes
  }
}
