// One private endpoint, with its names in DNS unless the landing zone's own policy writes those.
@description('Name of the endpoint.')
param name string
@description('Region of the endpoint, which is that of its subnet.')
param location string
@description('Tags of the endpoint.')
param tags object
@description('Subnet of the endpoint.')
param subnetId string
@description('Resource id of what is reached.')
param targetId string
@description('Which of its services: blob, queue, table, vault, sites, topic or azuremonitor.')
param service string
@description('Ids of the private DNS zones; empty for none.')
param zoneIds string[]

resource endpoint 'Microsoft.Network/privateEndpoints@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    customNetworkInterfaceName: 'nic-${name}'
    privateLinkServiceConnections: [{ name: service, properties: { privateLinkServiceId: targetId, groupIds: [service] } }]
  }
}

resource zones 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-07-01' = if (!empty(zoneIds)) {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [for id in zoneIds: {
      name: replace(last(split(id, '/')), '.', '-')
      properties: { privateDnsZoneId: id }
    }]
  }
}
