// A small account for the dead letters of the subscription's system topic and for nothing else.
// Such a topic lies in location global and takes no identity, so Event Grid writes with the account's key, which
// it fetches itself: the key is in no setting, no output and no code.
@description('Name of the account.')
param name string
@description('Region of the account.')
param location string
@description('Tags of the account.')
param tags object
@description('Object id of the app identity, which may read.')
param principalId string
@description('Whether the key works; false where a topic has an identity to write with.')
param allowSharedKey bool
@description('Subnet of the app; empty for none.')
param integrationSubnetId string
@description('Addresses that may get in besides.')
param allowedAddresses string[]
@description('Whether any network may reach the account; who has no key and no role gets nothing even then.')
param fromAnywhere bool
@description('Days until a dead letter is deleted.')
param retentionDays int

var reader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' // Storage Blob Data Reader

// Storage takes no IPv6 here, and refuses the suffix of a single address.
var addresses = filter(map(allowedAddresses, address => replace(address, '/32', '')), address => !contains(address, ':'))

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard_LRS' }
  kind: 'StorageV2'
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: allowSharedKey
    allowedCopyScope: 'AAD'
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    networkAcls: {
      bypass: 'AzureServices' // Event Grid is one of them; that it gets in with a key too is unconfirmed
      defaultAction: fromAnywhere ? 'Allow' : 'Deny'
      ipRules: [for address in addresses: { value: address, action: 'Allow' }]
      virtualNetworkRules: empty(integrationSubnetId) ? [] : [{ id: integrationSubnetId, action: 'Allow' }]
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 7 }
    containerDeleteRetentionPolicy: { enabled: true, days: 7 }
  }
}

resource letters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'dead-letters'
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'forget'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: retentionDays } } }
          }
        }
      ]
    }
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, principalId, reader)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', reader)
  }
}

@description('Resource id of the account.')
output id string = account.id
@description('Blob endpoint of the account; dead letters lie in its container dead-letters.')
output endpoint string = account.properties.primaryEndpoints.blob
