// Phase one: everything but the event subscriptions, which need the code to be there (events.bicep).
// One app watches several subscriptions; each gets the two roles and a system topic of its own.
targetScope = 'subscription'

@description('Name of the environment; names and tags follow from it, and azd uses it as its own.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Azure region of the app and of what belongs to it; it must offer Flex Consumption with Python 3.13.')
param location string

@description('Resource group of the app, made if it is not there; in other watched subscriptions it holds the system topic.')
param resourceGroupName string = 'rg-${environmentName}'

@description('Ids of the subscriptions to watch; empty watches the one deployed to.')
param subscriptions string[] = []

@description('Whether the app may repair. Off by default: the app then holds no right to write, whatever the baseline says.')
param mayFix bool = false

@description('The baseline: https URL of a blob, or a path inside the package. Empty means defaults: observe and propose nothing to be written.')
param baseline string = ''

@description('Webhook of the Teams workflow, kept in Key Vault. Empty keeps the secret that is there, see keepWebhook.')
@secure()
param teamsWebhookUrl string = ''

@description('Set when the vault holds a webhook already and teamsWebhookUrl is not given again.')
param keepWebhook bool = false

@description('Memory of an instance in MB. 512 is not offered: the first judgement needs more while it imports.')
@allowed([2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances at once. Low on purpose: ARM throttles long before the app is busy.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Days that findings, writes, dead letters and logs are kept.')
@minValue(7)
@maxValue(365)
param retentionDays int = 30

@description('Address where alerts are mailed. Empty creates the alert rules without anybody to tell.')
param alertEmail string = ''

@description('Subnet delegated to Microsoft.App/environments, with a service endpoint for storage; the app then reaches the restricted accounts through it. Empty leaves the app outside.')
param integrationSubnetId string = ''

@description('Public addresses (CIDR) of engineers who may read dead letters from their desks.')
param allowedAddresses string[] = []

@description('Let Event Grid write dead letters with the system topic identity instead of a key. Off until a deployment has proved that a subscription topic takes one.')
param deadLetterWithIdentity bool = false

@description('Whether the account of the dead letters takes any network. Only where Event Grid, writing with a key, turns out not to pass the closed one.')
param deadLettersFromAnywhere bool = false

@description('Object ids of the people and apps that may call replay and history. Empty takes whoever has the function key; wants App Service authentication, see docs/deploy.md.')
param replayPrincipals string[] = []

@description('Whether the worker sends traces and metrics in OpenTelemetry; wants the exporter in the package, see docs/deploy.md.')
param openTelemetry bool = false

var watched = empty(subscriptions) ? [subscription().subscriptionId] : subscriptions
var suffix = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName, application: 'bastion-guard' }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
  tags: tags
}

module app 'modules/app.bicep' = {
  scope: group
  name: 'app-${suffix}'
  params: {
    location: location
    tags: tags
    suffix: suffix
    subscriptions: watched
    baseline: baseline
    teamsWebhookUrl: teamsWebhookUrl
    hasWebhook: keepWebhook || !empty(teamsWebhookUrl)
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    retentionDays: retentionDays
    alertEmail: alertEmail
    integrationSubnetId: integrationSubnetId
    allowedAddresses: allowedAddresses
    deadLetterWithIdentity: deadLetterWithIdentity
    deadLettersFromAnywhere: deadLettersFromAnywhere
    replayPrincipals: replayPrincipals
    openTelemetry: openTelemetry
  }
}

module watch 'modules/watch.bicep' = [for id in watched: {
  scope: subscription(id)
  name: 'watch-${suffix}'
  params: {
    location: location
    tags: tags
    resourceGroupName: resourceGroupName
    principalId: app.outputs.principalId
    mayFix: mayFix
    deadLetterWithIdentity: deadLetterWithIdentity
    actionGroupId: app.outputs.actionGroupId
  }
}]

// Phase one of the switch to identity: the topics have theirs, and may write where dead letters lie.
module writers 'modules/dead_letter_writer.bicep' = [for (id, i) in watched: if (deadLetterWithIdentity) {
  scope: group
  name: 'dead-letter-writer-${i}'
  params: {
    accountName: app.outputs.deadLetterAccountName
    principalId: watch[i].outputs.topicPrincipalId
  }
}]

@description('Resource group of the app.')
output AZURE_RESOURCE_GROUP string = resourceGroupName

@description('Name of the function app.')
output FUNCTION_APP_NAME string = app.outputs.functionAppName

@description('Resource id of the function app, for events.bicep.')
output FUNCTION_APP_ID string = app.outputs.functionAppId

@description('Resource id of the drift topic, for events.bicep.')
output DRIFT_TOPIC_ID string = app.outputs.driftTopicId

@description('Resource id of the account of the dead letters, for events.bicep.')
output DEAD_LETTER_ACCOUNT_ID string = app.outputs.deadLetterAccountId

@description('Resource id of the account of the app, for events.bicep.')
output STORAGE_ACCOUNT_ID string = app.outputs.storageAccountId

@description('Name of the Key Vault that holds the webhook.')
output KEY_VAULT_NAME string = app.outputs.keyVaultName

@description('Storage account of the app; the baseline may be put into its container config.')
output STORAGE_ACCOUNT_NAME string = app.outputs.storageAccountName
