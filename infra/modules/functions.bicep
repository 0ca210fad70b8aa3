// The function app on Flex Consumption, with the one identity for everything it does.
import { Network, Tags } from 'shapes.bicep'

@description('Name of the function app.')
param name string
@description('Region of the function app.')
param location string
@description('Tags of the function app.')
param tags Tags
@description('Resource id of the app identity.')
param identityId string
@description('Client id of the app identity.')
param clientId string
@description('Account of package, queues and ledger.')
param storageAccountName string
@description('Where the package lies.')
param deploymentContainerUrl string
@description('Whether the app reaches the account of the dead letters.')
param readsDeadLetters bool
@description('Blob endpoint of the account of the dead letters; empty where the app cannot reach it.')
param deadLetterEndpoint string
@description('Application Insights component of the app.')
param applicationInsightsName string
@description('Whether announcements are published; if not, cards are sent directly.')
param publishes bool
@description('Where announcements are published; empty where they are not.')
param driftTopicEndpoint string
@description('Where changes come from: eventGrid or activityLog.')
param changesFrom string
@description('When activity logs are read (NCRONTAB).')
param fetchSchedule string
@description('Whether the webhook may be on any host.')
param teamsAllowAnyHost bool
@description('Whether the vault holds a webhook.')
param hasWebhook bool
@description('Where the webhook lies in the vault; empty for none.')
param webhookSecretUri string
@description('Settings of further channels, read from the vault.')
param channelSettings string[]
@description('Where the secrets of the vault lie; empty where no channel has one.')
param vaultPrefix string
@description('Ids of the subscriptions to watch.')
param subscriptions string[]
@description('URL or path of the baseline; empty for none.')
param baseline string
@description('Object ids of those who may call replay and history; empty for whoever has the function key.')
param replayPrincipals string[]
@description('App registration by which people sign in; empty for none.')
param signInClientId string
@description('Programs whose tokens are taken besides.')
param signInPrograms string[]
@description('Whether the worker sends OpenTelemetry.')
param openTelemetry bool
@description('Days that the ledger keeps things.')
param retentionDays int
@description('Seconds for which changes are gathered before a round.')
param gatherSeconds int
@description('Memory of an instance in MB.')
param instanceMemoryMB int
@description('Most instances at once.')
param maximumInstanceCount int
@description('Instances that are kept running for the function that changes come in by.')
param alwaysReadyInstances int
@description('How the app is reached, and what it stands in.')
param network Network

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

var fromEventGrid = { name: 'event-grid', priority: 100, action: 'Allow', tag: 'ServiceTag', ipAddress: 'AzureEventGrid' }
var fromAddresses = map(range(0, length(network.allowedAddresses)), i => {
  name: 'allowed-${i}'
  priority: 200 + i
  action: 'Allow'
  tag: 'Default'
  ipAddress: contains(network.allowedAddresses[i], '/')
    ? network.allowedAddresses[i]
    : '${network.allowedAddresses[i]}/${contains(network.allowedAddresses[i], ':') ? 128 : 32}'
})

// The package is uploaded under the same restrictions.
var restricted = {
  minTlsVersion: '1.2'
  ipSecurityRestrictionsDefaultAction: 'Deny'
  scmIpSecurityRestrictionsDefaultAction: 'Deny'
  scmIpSecurityRestrictionsUseMain: true
  ipSecurityRestrictions: concat([fromEventGrid], fromAddresses)
}

// In a closed network everything the app sends goes the network's own way out, past its firewall.
var routed = {
  allTraffic: true
  applicationTraffic: true
  contentShareTraffic: true
  imagePullTraffic: true
  backupRestoreTraffic: true
}

// The functions that a change meets first; each has instances of its own.
var entrance = changesFrom == 'eventGrid' ? 'function:on_resource_change' : 'function:reconcile'

// Flex Consumption refuses ftpsState and linuxFxVersion: there is no FTP, and the runtime stands below.
resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    sshEnabled: false
    publicNetworkAccess: network.closed ? 'Disabled' : 'Enabled'
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(network.integrationSubnetId) ? null : network.integrationSubnetId
    outboundVnetRouting: network.closed ? routed : null
    siteConfig: empty(network.allowedAddresses) ? { minTlsVersion: '1.2' } : restricted
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: entrance, instanceCount: alwaysReadyInstances }]
      }
      runtime: { name: 'python', version: '3.13' }
    }
  }
}

// Publishing with a password is off; packages come with the identity of whoever deploys.
resource noPasswordToPublish 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

resource noPasswordForFiles 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: { allow: false }
}

// What the host reads. The rest below is what remediation/app/settings.py reads; a test compares both ways. Each
// condition is known before a deployment, so that `what-if` shows the settings.
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  PYTHON_THREADPOOL_THREAD_COUNT: '8'
  FETCH_SCHEDULE: fetchSchedule
}

var guardSettings = {
  AzureWebJobsStorage__accountName: storageAccountName
  AZURE_CLIENT_ID: clientId
  SUBSCRIPTIONS: join(subscriptions, ',')
  BASELINE: baseline
  CHANGES_FROM: changesFrom
  RETENTION_DAYS: string(retentionDays)
  GATHER_SECONDS: string(gatherSeconds)
}

var topicSettings = !publishes ? {} : {
  DRIFT_TOPIC_ENDPOINT: driftTopicEndpoint
}

var webhookSettings = !hasWebhook ? {} : {
  TEAMS_WEBHOOK_URL: '@Microsoft.KeyVault(SecretUri=${webhookSecretUri})'
  TEAMS_ALLOW_ANY_HOST: teamsAllowAnyHost ? 'true' : 'false'
}

var channelSecrets = toObject(channelSettings, name => name, name => '@Microsoft.KeyVault(SecretUri=${vaultPrefix}${toLower(replace(name, '_', '-'))})')

var deadLetterSettings = !readsDeadLetters ? {} : {
  DEAD_LETTER_ENDPOINT: deadLetterEndpoint
  DEAD_LETTER_CONTAINER: 'dead-letters'
}

var replaySettings = empty(replayPrincipals) ? {} : {
  REPLAY_PRINCIPALS: join(replayPrincipals, ',')
}

// The name under which App Service finds no secret but the identity whose token it shows to Entra ID instead.
var assertion = 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
var signInSettings = empty(signInClientId) ? {} : {
  '${assertion}': clientId
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
  properties: union(hostSettings, guardSettings, topicSettings, webhookSettings, channelSecrets, deadLetterSettings, replaySettings, signInSettings, telemetrySettings)
}

// Who signs in is told to the app, and nobody has to: Event Grid delivers with a key of its own, replay and history
// go by the function key, health is for anybody. What is open to whom the app decides (remediation/app/people). The
// paths left out stay open even where somebody turns the requirement on by hand.
resource signIn 'Microsoft.Web/sites/config@2025-03-01' = if (!empty(signInClientId)) {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: false
      unauthenticatedClientAction: 'AllowAnonymous'
      excludedPaths: ['/runtime/webhooks/EventGrid', '/api/health']
    }
    httpSettings: { requireHttps: true, forwardProxy: { convention: 'NoProxy' } }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: signInClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          clientSecretSettingName: assertion
        }
        validation: {
          allowedAudiences: [signInClientId, 'api://${signInClientId}']
          defaultAuthorizationPolicy: { allowedApplications: concat([signInClientId], signInPrograms) }
        }
      }
    }
    login: {
      tokenStore: { enabled: false }
      preserveUrlFragmentsForLogins: true
      allowedExternalRedirectUrls: []
      cookieExpiration: { convention: 'FixedTime', timeToExpiration: '08:00:00' }
      nonce: { validateNonce: true, nonceExpirationInterval: '00:05:00' }
    }
  }
  dependsOn: [settings]
}

@description('Resource id of the function app.')
output id string = site.id

@description('Host name of the function app.')
output host string = site.properties.defaultHostName
