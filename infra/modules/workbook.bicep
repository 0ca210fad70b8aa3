// What the guard saw and did, for people who like pictures.
@description('Region of the workbook.')
param location string
@description('Tags of the workbook.')
param tags object
@description('Workspace the workbook queries.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'bastion-guard')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Bastion Guard'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: loadTextContent('../workbook.json')
  }
}
