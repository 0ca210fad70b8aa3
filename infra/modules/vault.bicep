// The Teams webhook is a secret: its URL contains a signature. Nothing else lies in this vault.
@description('Name of the vault.')
param name string
@description('Region of the vault.')
param location string
@description('Tags of the vault.')
param tags object
@description('Object id of the app identity, which may read.')
param principalId string
@description('The webhook to store; empty leaves what is there.')
@secure()
param teamsWebhookUrl string

var reader = '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 30
    publicNetworkAccess: 'Enabled' // references are resolved by the platform, from outside any network
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow' }
  }
}

resource webhook 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(teamsWebhookUrl)) {
  parent: vault
  name: 'teams-webhook-url'
  properties: { value: teamsWebhookUrl, contentType: 'URL' }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, reader)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', reader)
  }
}

@description('Name of the vault.')
output name string = vault.name
@description('Where the webhook lies: a name, not the secret. Without a version, so that a new one is picked up.')
output webhookSecretUri string = '${vault.properties.vaultUri}secrets/teams-webhook-url'
