// The Teams webhook is a secret: its URL contains a signature. Beside it lie the secrets of further channels, if any.
@description('Name of the vault.')
param name string
@description('Region of the vault.')
param location string
@description('Tags of the vault.')
param tags object
@description('Whether it is reached over a private endpoint alone.')
param closed bool
@description('Object id of the app identity, which may read.')
param principalId string
@description('The webhook to store; empty leaves what is there.')
@secure()
param teamsWebhookUrl string

var reader = '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
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
    // In the open form references are resolved by the platform, from outside any network.
    publicNetworkAccess: closed ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: closed ? 'Deny' : 'Allow'
      ipRules: []
      virtualNetworkRules: []
    }
  }
}

module webhook 'webhook.bicep' = if (!empty(teamsWebhookUrl)) {
  params: { vaultName: vault.name, tags: tags, teamsWebhookUrl: teamsWebhookUrl }
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

@description('Resource id of the vault.')
output id string = vault.id
@description('Where all secrets lie, for settings to name one.')
output vaultPrefix string = '${vault.properties.vaultUri}secrets/'
@description('Where the webhook lies: a name, not the secret. Without a version, so that a new one is picked up.')
output webhookSecretUri string = '${vault.properties.vaultUri}secrets/teams-webhook-url'
