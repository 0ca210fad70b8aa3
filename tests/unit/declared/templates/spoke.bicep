param location string = 'West Europe'
param office string = '203.0.113.0/24'

resource web 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'nsg-web'
  location: location
  tags: { owner: 'shop' }
  properties: {
    securityRules: [
      {
        name: 'allow-ssh'
        properties: {
          priority: 200
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'TCP'
          sourceAddressPrefixes: [ office ]
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '22'
        }
      }
      {
        name: 'allow-web'
        properties: {
          priority: 300
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRanges: [ '80', '443' ]
        }
      }
    ]
  }
}

resource data 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'nsg-data'
  location: location
}

resource dataRule 'Microsoft.Network/networkSecurityGroups/securityRules@2024-05-01' = {
  parent: data
  name: 'deny-web'
  properties: {
    priority: 400
    direction: 'Inbound'
    access: 'Deny'
    protocol: '*'
    sourceAddressPrefix: '*'
    sourcePortRange: '*'
    destinationAddressPrefix: '*'
    destinationPortRange: '443'
  }
}

resource routes 'Microsoft.Network/routeTables@2024-05-01' = {
  name: 'rt-web'
  location: location
  properties: {
    disableBgpRoutePropagation: false
    routes: [
      { name: 'default', properties: { addressPrefix: '0.0.0.0/0', nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.1.9.4' } }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-web'
  location: location
  properties: {
    addressSpace: { addressPrefixes: [ '10.1.0.0/16' ] }
    subnets: [
      { name: 'web', properties: { addressPrefix: '10.1.0.0/24', networkSecurityGroup: { id: web.id }, routeTable: { id: routes.id } } }
      { name: 'AzureBastionSubnet', properties: { addressPrefix: '10.1.8.0/26' } }
    ]
  }
}

resource dataSubnet 'Microsoft.Network/virtualNetworks/subnets@2024-05-01' = {
  parent: network
  name: 'data'
  properties: { addressPrefix: '10.1.1.0/24', networkSecurityGroup: { id: data.id } }
}

resource address 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: 'pip-bastion'
  location: location
  sku: { name: 'Standard' }
  zones: [ '1', '2', '3' ]
  properties: { publicIPAllocationMethod: 'Static' }
}

resource front 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: 'pip-lb'
  location: location
  sku: { name: 'Standard', tier: 'Regional' }
  properties: { publicIPAllocationMethod: 'Static', idleTimeoutInMinutes: 4 }
}

resource host 'Microsoft.Network/bastionHosts@2024-05-01' = {
  name: 'bas-web'
  location: location
  sku: { name: 'Standard' }
  properties: {
    enableTunneling: true
    enableShareableLink: false
    ipConfigurations: [
      { name: 'cfg', properties: { subnet: { id: '${network.id}/subnets/AzureBastionSubnet' }, publicIPAddress: { id: address.id } } }
    ]
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-web'
  location: location
}

resource setting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-central'
  scope: host
  properties: {
    workspaceId: logs.id
    logAnalyticsDestinationType: 'Dedicated'
    logs: [ { categoryGroup: 'allLogs', enabled: true, retentionPolicy: { enabled: false, days: 0 } } ]
    metrics: [ { category: 'AllMetrics', enabled: false } ]
  }
}

resource balancer 'Microsoft.Network/loadBalancers@2024-05-01' = {
  name: 'lb-web'
  location: location
  sku: { name: 'Standard' }
  properties: {
    frontendIPConfigurations: [ { name: 'front', properties: { publicIPAddress: { id: front.id } } } ]
    backendAddressPools: [ { name: 'pool' } ]
    probes: [ { name: 'tcp', properties: { protocol: 'Tcp', port: 443, intervalInSeconds: 5, numberOfProbes: 2 } } ]
    loadBalancingRules: [
      {
        name: 'https'
        properties: {
          frontendIPConfiguration: { id: resourceId('Microsoft.Network/loadBalancers/frontendIPConfigurations', 'lb-web', 'front') }
          backendAddressPool: { id: resourceId('Microsoft.Network/loadBalancers/backendAddressPools', 'lb-web', 'pool') }
          probe: { id: resourceId('Microsoft.Network/loadBalancers/probes', 'lb-web', 'tcp') }
          protocol: 'Tcp'
          frontendPort: 443
          backendPort: 443
        }
      }
    ]
  }
}

resource nic 'Microsoft.Network/networkInterfaces@2024-05-01' = {
  name: 'nic-web'
  location: location
  properties: {
    ipConfigurations: [
      {
        name: 'ipconfig1'
        properties: {
          subnet: { id: network.properties.subnets[0].id }
          privateIPAllocationMethod: 'Dynamic'
          loadBalancerBackendAddressPools: [ { id: balancer.properties.backendAddressPools[0].id } ]
        }
      }
    ]
  }
}

resource policy 'Microsoft.Network/firewallPolicies@2024-05-01' = {
  name: 'fwp'
  location: location
  properties: { sku: { tier: 'Standard' } }
}

resource collection 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2024-05-01' = {
  parent: policy
  name: 'inbound'
  properties: {
    priority: 200
    ruleCollections: [
      {
        name: 'dnat'
        priority: 100
        ruleCollectionType: 'FirewallPolicyNatRuleCollection'
        action: { type: 'DNAT' }
        rules: [
          {
            name: 'web'
            ruleType: 'NatRule'
            ipProtocols: [ 'TCP' ]
            sourceAddresses: [ '*' ]
            destinationAddresses: [ '20.40.60.80' ]
            destinationPorts: [ '443' ]
            translatedAddress: '10.1.0.4'
            translatedPort: '443'
          }
        ]
      }
    ]
  }
}
