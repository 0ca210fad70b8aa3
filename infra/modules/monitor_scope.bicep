// What lets a closed network send logs and read them: a private link scope with the workspace and the component.
// A network has one such scope; whatever else in it sends to Azure Monitor must be in the scope too.
@description('Name of the scope.')
param name string
@description('Tags of the scope.')
param tags object
@description('Resource ids of what is reached through it.')
param members string[]

resource scope 'Microsoft.Insights/privateLinkScopes@2021-09-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: { accessModeSettings: { ingestionAccessMode: 'PrivateOnly', queryAccessMode: 'PrivateOnly' } }
}

resource scoped 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-09-01' = [for id in members: {
  parent: scope
  name: last(split(id, '/'))
  properties: { linkedResourceId: id }
}]

@description('Resource id of the scope.')
output id string = scope.id
