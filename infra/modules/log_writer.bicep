// The app's right to put diagnostic settings back, on one resource group and not on the whole subscription.
@description('Object id of the app identity.')
param principalId string
@description('Id of the role.')
param roleId string
@description('Name of the role, from which that of the assignment follows.')
param roleName string

resource writing 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, roleName)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId
  }
}
