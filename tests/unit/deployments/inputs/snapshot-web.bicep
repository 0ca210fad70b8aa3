@description('Who may use SSH.')
param office string

@description('One balancer, one machine behind it.')
param location string = resourceGroup().location

resource nsg 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'nsg-web'
  location: location

  resource ssh 'securityRules' = {
    name: 'ssh'
    properties: {
      priority: 200
      direction: 'Inbound'
      access: 'Allow'
      protocol: 'Tcp'
      sourceAddressPrefix: office
      sourcePortRange: '*'
      destinationAddressPrefix: '*'
      destinationPortRange: '22'
    }
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-web'
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.7.0.0/16'] }
    subnets: [
      { name: 'web', properties: { addressPrefix: '10.7.1.0/24', networkSecurityGroup: { id: nsg.id } } }
    ]
  }
}

resource address 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: 'pip-ops'
  location: location
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource balancer 'Microsoft.Network/loadBalancers@2024-05-01' = {
  name: 'lb-ops'
  location: location
  sku: { name: 'Standard' }
  properties: {
    frontendIPConfigurations: [{ name: 'front', properties: { publicIPAddress: { id: address.id } } }]
    inboundNatRules: [
      {
        name: 'ssh'
        properties: {
          frontendIPConfiguration: { id: resourceId('Microsoft.Network/loadBalancers/frontendIPConfigurations', 'lb-ops', 'front') }
          protocol: 'Tcp'
          frontendPort: 22
          backendPort: 22
        }
      }
    ]
  }
}

resource nic 'Microsoft.Network/networkInterfaces@2024-05-01' = {
  name: 'nic-web-01'
  location: location
  properties: {
    ipConfigurations: [
      {
        name: 'main'
        properties: {
          subnet: { id: network.properties.subnets[0].id }
          loadBalancerInboundNatRules: [{ id: balancer.properties.inboundNatRules[0].id }]
        }
      }
    ]
  }
}

resource machine 'Microsoft.Compute/virtualMachines@2024-07-01' = {
  name: 'vm-web-01'
  location: location
  properties: {
    hardwareProfile: { vmSize: 'Standard_B2s' }
    storageProfile: { imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' } }
    osProfile: { computerName: 'web01', adminUsername: 'ops', linuxConfiguration: { disablePasswordAuthentication: true } }
    networkProfile: { networkInterfaces: [{ id: nic.id }] }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'flow'
  scope: nsg
  properties: { workspaceId: '${address.properties.ipAddress}', logs: [] }
}
