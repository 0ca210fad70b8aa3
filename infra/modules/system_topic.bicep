// The changes of the subscription this is deployed to. Azure allows one such topic for each subscription; where one
// exists already it is named in systemTopicName and this is left out. It lies in location global, and such a topic
// takes no identity.
@description('Name of the topic.')
param name string
@description('Tags of the topic.')
param tags object

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    source: subscription().id
    topicType: 'Microsoft.Resources.Subscriptions'
  }
}

@description('Resource id of the topic.')
output id string = topic.id
