// What a watched subscription gets: the three roles, the app's part in them, and a system topic.
targetScope = 'subscription'

@description('Region of the resource group; the system topic itself is global.')
param location string
@description('Tags of what is made here.')
param tags object
@description('What alert rules are called by.')
param namePrefix string
@description('Resource group for the system topic, made if it is not there.')
param resourceGroupName string
@description('Object id of the app identity.')
param principalId string
@description('Whether the app gets the role that repairs.')
param mayFix bool
@description('Names of the resource groups here whose diagnostic settings the app may put back.')
param logGroups string[]
@description('Whether Event Grid delivers changes; if not there is no topic.')
param delivered bool
@description('Name of the system topic.')
param topicName string
@description('Resource group of the system topic.')
param topicGroup string
@description('Whether the topic is made here; if not it is there already.')
param ownTopic bool
@description('Whom alerts tell; empty for nobody.')
param actionGroupId string

// Name, description and actions of each role; the end-to-end tests run under exactly these.
var observe = loadJsonContent('../roles/observe.json')
var fix = loadJsonContent('../roles/fix.json')
var logs = loadJsonContent('../roles/logs.json')

resource observeRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, observe.name)
  properties: {
    roleName: '${observe.name} (${subscription().subscriptionId})' // names are unique in a tenant
    description: observe.description
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [{ actions: observe.actions, notActions: [] }]
  }
}

resource fixRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, fix.name)
  properties: {
    roleName: '${fix.name} (${subscription().subscriptionId})'
    description: fix.description
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [{ actions: fix.actions, notActions: [] }]
  }
}

// A role of its own: who may write diagnostic settings may turn off the logs of whatever lies below.
resource logsRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, logs.name)
  properties: {
    roleName: '${logs.name} (${subscription().subscriptionId})'
    description: logs.description
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [{ actions: logs.actions, notActions: [] }]
  }
}

resource observing 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, observe.name)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: observeRole.id
  }
}

resource fixing 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (mayFix) {
  name: guid(subscription().id, principalId, fix.name)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: fixRole.id
  }
}

module logging 'log_writer.bicep' = [for name in logGroups: if (mayFix) {
  scope: resourceGroup(name)
  params: { principalId: principalId, roleId: logsRole.id, roleName: logs.name }
}]

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: resourceGroupName
  location: location
  tags: tags
}

module topic 'system_topic.bicep' = if (delivered && ownTopic) {
  scope: group
  params: { name: topicName, tags: tags }
}

module undelivered 'undelivered.bicep' = if (delivered) {
  scope: group
  params: {
    prefix: namePrefix
    topicId: resourceId(subscription().subscriptionId, topicGroup, 'Microsoft.EventGrid/systemTopics', topicName)
    of: 'changes in this subscription'
    tags: tags
    actionGroupId: actionGroupId
  }
  dependsOn: [topic]
}
