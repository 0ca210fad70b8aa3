// The changes of the subscription this is deployed to. Azure allows one such topic for each subscription;
// where one exists already, import it under this name or delete it first.
@description('Tags of the topic.')
param tags object
@description('Whether the topic gets an identity. Unconfirmed for global sources such as a subscription.')
param withIdentity bool
@description('Whom the alert tells; empty for nobody.')
param actionGroupId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgst-guard-${subscription().subscriptionId}'
  location: 'global'
  tags: tags
  identity: withIdentity ? { type: 'SystemAssigned' } : null
  properties: {
    source: subscription().id
    topicType: 'Microsoft.Resources.Subscriptions'
  }
}

module undelivered 'undelivered.bicep' = {
  name: 'undelivered-changes'
  params: {
    name: 'guard-dead-letters'
    topicId: topic.id
    of: 'changes in this subscription'
    tags: tags
    actionGroupId: actionGroupId
  }
}

@description('Object id of the identity of the topic; empty where it has none.')
output principalId string = withIdentity ? topic.identity.principalId : ''
