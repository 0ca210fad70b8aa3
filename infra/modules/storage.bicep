// The account of the app: package, queues, ledger. It has no keys, so none can leak.
@description('Name of the account.')
param name string
@description('Region of the account.')
param location string
@description('Tags of the account.')
param tags object
@description('SKU of the account.')
param sku string
@description('Whether it is reached over private endpoints alone.')
param closed bool
@description('Object id of the app identity.')
param principalId string
@description('Object ids of the pipelines and people that declare by files.')
param declarerIds string[]

// Built-in roles the Functions host needs with an identity connection, and the app for queue and ledger.
var roles = {
  blobs: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner: package, host leases
  queues: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor: work, cards, poison
  tables: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor: the ledger
}

var roleOfDeclarers = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor

// Infrastructure encryption and key types are fixed when an account is made, and refused on one that is there: hence
// only in the private form, where every account is new.
var encrypted = {
  keySource: 'Microsoft.Storage'
  requireInfrastructureEncryption: true
  services: {
    blob: { enabled: true, keyType: 'Account' }
    file: { enabled: true, keyType: 'Account' }
    queue: { enabled: true, keyType: 'Account' }
    table: { enabled: true, keyType: 'Account' }
  }
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku }
  kind: 'StorageV2'
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    allowedCopyScope: 'AAD'
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    sasPolicy: { expirationAction: 'Block', sasExpirationPeriod: '1.00:00:00' }
    encryption: closed ? encrypted : null
    // In the open form reached with a token only: the host, which is outside any network by default, must get in.
    publicNetworkAccess: closed ? 'Disabled' : 'Enabled'
    networkAcls: { bypass: closed ? 'None' : 'AzureServices', defaultAction: closed ? 'Deny' : 'Allow' }
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

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'packages'
}

resource config 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'config'
}

resource driftLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'drift-dead-letters'
}

// What teams declare by files: put there by `declare`, read by the app.
resource declared 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'declared'
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

// Poison queues too, so that they can be watched before anything is in them.
resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [for queue in ['reconcile', 'reconcile-poison', 'neighbourhood', 'neighbourhood-poison', 'cards', 'cards-poison']: {
  parent: queueService
  name: queue
}]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in items(roles): {
  scope: account
  name: guid(account.id, principalId, role.value)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
  }
}]

// Who declares by files writes this container and nothing else.
resource declarers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principal in declarerIds: {
  scope: declared
  name: guid(declared.id, principal, 'declarer')
  properties: {
    principalId: principal
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleOfDeclarers)
  }
}]

@description('Name of the account.')
output name string = account.name
@description('Resource id of the account.')
output id string = account.id
@description('Where the deployment package lies.')
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${packages.name}'
