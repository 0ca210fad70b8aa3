// The secret by itself: linters look into a resource only where it has no condition.
@description('Name of the vault.')
param vaultName string
@description('Tags of the secret.')
param tags object
@description('The webhook to store.')
@secure()
param teamsWebhookUrl string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource webhook 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'teams-webhook-url'
  tags: tags
  properties: {
    value: teamsWebhookUrl
    contentType: 'URL'
  }
}
