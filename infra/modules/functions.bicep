// The function app on Flex Consumption, with the one identity for everything it does.
@description('Name of the function app.')
param name string
@description('Region of the function app.')
param location string
@description('Tags of the function app.')
param tags object
@description('Resource id of the app identity.')
param identityId string
@description('Client id of the app identity.')
param clientId string
@description('Account of package, queues and ledger.')
param storageAccountName string
@description('Where the package lies.')
param deploymentContainerUrl string
@description('Blob endpoint of the account of the dead letters; empty where the app cannot reach it.')
param deadLetterEndpoint string
@description('Application Insights component of the app.')
param applicationInsightsName string
@description('Where announcements are published.')
param driftTopicEndpoint string
@description('Where the webhook lies in the vault; empty for none.')
param webhookSecretUri string
@description('Ids of the subscriptions to watch.')
param subscriptions string[]
@description('URL or path of the baseline; empty for none.')
param baseline string
@description('Object ids of those who may call replay and history; empty for whoever has the function key.')
param replayPrincipals string[]
@description('Whether the worker sends OpenTelemetry.')
param openTelemetry bool
@description('Days that the ledger keeps things.')
param retentionDays int
@description('Memory of an instance in MB.')
param instanceMemoryMB int
@description('Most instances at once.')
param maximumInstanceCount int
@description('Subnet of the app; empty for none.')
param integrationSubnetId string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  kind: 'functionapp'
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(integrationSubnetId) ? null : integrationSubnetId
    siteConfig: { minTlsVersion: '1.2', ftpsState: 'Disabled' }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      scaleAndConcurrency: { instanceMemoryMB: instanceMemoryMB, maximumInstanceCount: maximumInstanceCount }
      runtime: { name: 'python', version: '3.13' }
    }
  }
}

// Publishing with a password is off; packages come with the identity of whoever deploys.
resource basicAuth 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = [for kind in ['scm', 'ftp']: {
  parent: site
  name: kind
  properties: { allow: false }
}]

// What the host reads. The rest below is what remediation/settings.py reads; a test compares both ways.
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  PYTHON_THREADPOOL_THREAD_COUNT: '8'
}

var guardSettings = {
  AzureWebJobsStorage__accountName: storageAccountName
  AZURE_CLIENT_ID: clientId
  SUBSCRIPTIONS: join(subscriptions, ',')
  BASELINE: baseline
  DRIFT_TOPIC_ENDPOINT: driftTopicEndpoint
  RETENTION_DAYS: string(retentionDays)
}

var webhookSettings = empty(webhookSecretUri) ? {} : {
  TEAMS_WEBHOOK_URL: '@Microsoft.KeyVault(SecretUri=${webhookSecretUri})'
}

var deadLetterSettings = empty(deadLetterEndpoint) ? {} : {
  DEAD_LETTER_ENDPOINT: deadLetterEndpoint
  DEAD_LETTER_CONTAINER: 'dead-letters'
}

var replaySettings = empty(replayPrincipals) ? {} : {
  REPLAY_PRINCIPALS: join(replayPrincipals, ',')
}

// No library is instrumented: one would record the address of the webhook, which holds its signature. No trace is
// left out: there are few, and each is one change.
var telemetrySettings = !openTelemetry ? {} : {
  PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: 'true'
  OTEL_PYTHON_DISABLED_INSTRUMENTATIONS: 'azure_sdk,django,fastapi,flask,httpx,httpx2,psycopg2,requests,urllib,urllib3'
  OTEL_TRACES_SAMPLER: 'always_on'
}

// This replaces all settings of the app: one that was set by hand does not survive the next deployment.
resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  properties: union(hostSettings, guardSettings, webhookSettings, deadLetterSettings, replaySettings, telemetrySettings)
}

@description('Name of the function app.')
output name string = site.name
@description('Resource id of the function app.')
output id string = site.id
