// Phase one: everything but the event subscriptions, which need the code to be there (events.bicep).
// One app watches several subscriptions; each gets the three roles and a system topic of its own.
targetScope = 'subscription'

import { Tags, Zones, namesOf, systemTopicOf } from 'modules/shapes.bicep'

@description('Name of the environment; names and tags follow from it, and azd uses it as its own.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Azure region of the app and of what belongs to it; it must offer Flex Consumption with Python 3.13.')
param location string

@description('Resource group of the app, made if it is not there; in other watched subscriptions it holds the system topic.')
param resourceGroupName string = 'rg-${environmentName}'

@description('What names hold behind the abbreviation of their type: lower-case letters, digits and hyphens. Fixed once deployed: what is renamed is made anew.')
@minLength(2)
@maxLength(20)
param namePrefix string = 'guard'

@description('Tags for every resource that takes tags, besides our own two.')
param tags Tags = {}

@description('Ids of the subscriptions to watch; empty watches the one deployed to.')
param subscriptions string[] = []

@description('Whether the app may repair. Off by default: the app then holds no right to write, whatever the baseline says.')
param mayFix bool = false

@description('Ids of the resource groups where the app may put diagnostic settings back: those with Bastion hosts, and that of the workspace their logs go to. None by default, since the right covers the logs of every resource in the group; counts with mayFix only.')
param logGroups string[] = []

@description('The baseline: https URL of a blob, or a path inside the package. Empty means defaults: observe and propose nothing to be written.')
param baseline string = ''

@description('Webhook of the Teams workflow, kept in Key Vault. Empty keeps the secret that is there, see keepWebhook.')
@secure()
param teamsWebhookUrl string = ''

@description('Set when the vault holds a webhook already and teamsWebhookUrl is not given again.')
param keepWebhook bool = false

@description('Settings that channels of the baseline name as their secrets, such as CHANNEL_PAYMENTS. Each is read from the secret of the vault that has its name in lower case with dashes (channel-payments); put it there yourself.')
param channelSettings string[] = []

@description('SKU of the storage account; Standard_ZRS where the region has zones. Cannot be changed by a deployment once the account is there.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS', 'Standard_RAGRS', 'Standard_RAGZRS'])
param storageSku string = 'Standard_LRS'

@description('Memory of an instance in MB. 512 is not offered: the first judgement needs more while it imports.')
@allowed([2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances at once. Low on purpose: ARM throttles long before the app is busy.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances that are kept running for the function that changes come in by; they cost money around the clock. None: the first change after a quiet time waits for a cold start.')
@minValue(0)
@maxValue(1000)
param alwaysReadyInstances int = 0

@description('Days that findings, writes, dead letters and logs are kept.')
@minValue(7)
@maxValue(365)
param retentionDays int = 30

@description('Seconds for which changes are gathered before what they mean for other resources is looked at.')
@minValue(0)
@maxValue(300)
param gatherSeconds int = 5

@description('Address where alerts are mailed. Empty creates the alert rules without anybody to tell.')
param alertEmail string = ''

@description('Private form: nothing is reached from the internet, everything over private endpoints. For new environments: accounts cannot be closed up afterwards.')
param privateNetwork bool = false

@description('Subnet delegated to Microsoft.App/environments. In the open form with a service endpoint for storage, and the app reaches the account of the dead letters through it; in the private form without, and needed.')
param integrationSubnetId string = ''

@description('Private form: subnet for the private endpoints.')
param privateEndpointSubnetId string = ''

@description('Private form: ids of the private DNS zones by what they are for: blob, queue, table, vault, sites, monitor (one, or several separated by commas), and topic with driftTopic. Empty where the landing zone makes zone groups by policy.')
param privateDnsZoneIds Zones = {}

@description('Public addresses (CIDR) of engineers and pipelines. Where any is given, the app takes requests from Event Grid and these alone, and these may read dead letters. Open form only.')
param allowedAddresses string[] = []

@description('Where changes come from: Event Grid delivers them, or the app fetches the activity log, since nothing can be delivered to a closed app.')
@allowed(['eventGrid', 'activityLog'])
param changesFrom string = privateNetwork ? 'activityLog' : 'eventGrid'

@description('When the activity log of every watched subscription is read (NCRONTAB, six fields): every minute where changes are fetched, every hour to see that all were delivered.')
param fetchSchedule string = changesFrom == 'eventGrid' ? '0 11 * * * *' : '0 * * * * *'

@description('Name of a system topic that each watched subscription has already, for Azure allows one each; {subscription} in it stands for the id. Empty makes one.')
param systemTopicName string = ''

@description('Resource group of the system topic that is there already.')
param systemTopicResourceGroup string = resourceGroupName

@description('How Event Grid keeps changes that it could not deliver: with the key of an account of their own, with the identity of the topic named in systemTopicName (one that is made here lies in location global and can have none), or not at all.')
@allowed(['key', 'identity', 'off'])
param deadLetters string = 'key'

@description('Whether the account of the dead letters takes any network. Only where Event Grid, writing with a key, turns out not to pass the closed one.')
param deadLettersFromAnywhere bool = false

@description('Whether announcements go over a topic to which others can subscribe. Without it cards are sent directly. Left out of the private form unless asked for.')
param driftTopic bool = !privateNetwork

@description('Object ids of the people and apps that may call replay and history. Empty takes whoever has the function key; wants App Service authentication, see docs/deploy.md.')
param replayPrincipals string[] = []

@description('Client id of the app registration by which people sign in to the page and the API. Empty leaves sign-in as it is: off in a new environment. The second of two steps, see docs/deploy.md.')
param signInClientId string = ''

@description('Client ids of the programs with whose tokens people may ask the API besides the page. The Azure CLI by default: its tokens are what bastion-guard sends from a desk.')
param signInPrograms string[] = ['04b07795-8ddb-461a-bbee-02f9e1bf7b46'] // Microsoft Azure CLI, the same in every tenant

@description('Object ids of the pipelines and people that declare by files, see docs/declared.md: they may write the container for that, and nothing else.')
param declarers string[] = []

@description('Whether cards may go to a webhook on any host over https. Only where yours is a Workflow on a host that the app does not know, or no Workflow at all.')
param teamsAllowAnyHost bool = false

@description('Whether the worker sends traces and metrics in OpenTelemetry; wants the exporter in the package, see docs/deploy.md.')
param openTelemetry bool = false

var watched = empty(subscriptions) ? [subscription().subscriptionId] : subscriptions
var watchedIds = map(watched, id => toLower(id))
var logPlaces = map(logGroups, id => length(split(id, '/')) != 5
  ? fail('logGroups: ${id} is not the id of a resource group')
  : contains(watchedIds, toLower(split(id, '/')[2]))
      ? { subscription: toLower(split(id, '/')[2]), name: split(id, '/')[4] }
      : fail('logGroups: ${id} is not in a watched subscription'))
var suffix = uniqueString(subscription().id, environmentName, location)
var names = namesOf(namePrefix, suffix)
var allTags = union({ application: 'bastion-guard' }, tags, { 'azd-env-name': environmentName })

var network = {
  closed: privateNetwork
  integrationSubnetId: privateNetwork && empty(integrationSubnetId)
    ? fail('privateNetwork needs integrationSubnetId')
    : integrationSubnetId
  endpointSubnetId: !privateNetwork
    ? ''
    : empty(privateEndpointSubnetId) ? fail('privateNetwork needs privateEndpointSubnetId') : privateEndpointSubnetId
  allowedAddresses: privateNetwork ? [] : allowedAddresses
}

var delivered = changesFrom == 'eventGrid' && privateNetwork
  ? fail('nothing can be delivered to a closed app: changesFrom must be activityLog where privateNetwork is true')
  : changesFrom == 'eventGrid'
var ownTopics = empty(systemTopicName)
var topicNames = [for id in watched: ownTopics ? systemTopicOf(namePrefix, id) : replace(systemTopicName, '{subscription}', id)]
var topicGroup = ownTopics ? resourceGroupName : systemTopicResourceGroup

// What of `deadLetters` can be had: a topic that is made here takes no identity, and where nothing is delivered
// nothing is left over.
var kept = !delivered || (deadLetters == 'identity' && ownTopics) ? 'off' : deadLetters
var hasWebhook = keepWebhook || !empty(teamsWebhookUrl)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    names: names
    namePrefix: namePrefix
    suffix: suffix
    subscriptions: watched
    baseline: baseline
    teamsWebhookUrl: teamsWebhookUrl
    hasWebhook: hasWebhook
    channelSettings: channelSettings
    storageSku: storageSku
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    retentionDays: retentionDays
    gatherSeconds: gatherSeconds
    alertEmail: alertEmail
    network: network
    privateDnsZoneIds: privateDnsZoneIds
    changesFrom: changesFrom
    fetchSchedule: fetchSchedule
    teamsAllowAnyHost: teamsAllowAnyHost
    deadLetters: kept
    deadLettersFromAnywhere: deadLettersFromAnywhere
    driftTopic: driftTopic
    replayPrincipals: replayPrincipals
    signInClientId: signInClientId
    signInPrograms: signInPrograms
    declarers: declarers
    openTelemetry: openTelemetry
  }
}

module watch 'modules/watch.bicep' = [for (id, i) in watched: {
  scope: subscription(id)
  params: {
    location: location
    tags: allTags
    namePrefix: namePrefix
    resourceGroupName: resourceGroupName
    #disable-next-line what-if-short-circuiting // part of the name of its role assignments since the first release
    principalId: app.outputs.principalId
    mayFix: mayFix
    logGroups: map(filter(logPlaces, each => each.subscription == toLower(id)), each => each.name)
    delivered: delivered
    topicName: topicNames[i]
    topicGroup: topicGroup
    ownTopic: ownTopics
    actionGroupId: app.outputs.actionGroupId
  }
}]

// Only a topic that was there already can have an identity; it may then write where dead letters lie.
module writers 'modules/dead_letter_writer.bicep' = [for (id, i) in watched: if (kept == 'identity') {
  scope: group
  params: {
    accountName: names.deadLetters
    topicId: resourceId(id, topicGroup, 'Microsoft.EventGrid/systemTopics', topicNames[i])
  }
  dependsOn: [app]
}]

@description('Resource group of the app.')
output AZURE_RESOURCE_GROUP string = resourceGroupName

@description('Name of the function app.')
output FUNCTION_APP_NAME string = names.app

@description('Resource id of the function app, for events.bicep.')
output FUNCTION_APP_ID string = app.outputs.functionAppId

@description('Host name of the function app: the page is at https://HOST/api/board.')
output FUNCTION_APP_HOST string = app.outputs.functionAppHost

@description('Object id of the identity of the app, which the app registration trusts instead of a secret.')
output IDENTITY_PRINCIPAL_ID string = app.outputs.principalId

@description('Resource id of the drift topic, for events.bicep; empty where there is none or nothing can be delivered.')
output DRIFT_TOPIC_ID string = driftTopic && !privateNetwork ? app.outputs.driftTopicId : ''

@description('Resource ids of the system topics that deliver changes, as a JSON array, for events.bicep; empty where changes are fetched.')
output SYSTEM_TOPIC_IDS string = !delivered ? '[]' : string(map(range(0, length(watched)), i => '/subscriptions/${watched[i]}/resourceGroups/${topicGroup}/providers/Microsoft.EventGrid/systemTopics/${topicNames[i]}'))

@description('What the names of the event subscriptions begin with: on a topic that is shared they tell whose they are.')
output EVENT_SUBSCRIPTION_PREFIX string = ownTopics ? 'guard' : 'guard-${suffix}'

@description('How dead letters are kept, for events.bicep.')
output DEAD_LETTERS string = kept

@description('Resource id of the account of the dead letters, for events.bicep; empty without one.')
output DEAD_LETTER_ACCOUNT_ID string = kept == 'off' ? '' : app.outputs.deadLetterAccountId

@description('Resource id of the account of the app, for events.bicep.')
output STORAGE_ACCOUNT_ID string = app.outputs.storageAccountId

@description('Name of the Key Vault that holds the webhook.')
output KEY_VAULT_NAME string = names.vault

@description('Names of the app settings that are read from the vault, separated by blanks.')
output VAULT_SETTINGS string = join(concat(hasWebhook ? ['TEAMS_WEBHOOK_URL'] : [], channelSettings), ' ')

@description('Storage account of the app; the baseline may be put into its container config.')
output STORAGE_ACCOUNT_NAME string = names.account
