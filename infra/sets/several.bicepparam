// Two subscriptions, repairs, and everything that can be chosen in the open form; the topics were there already.
using '../main.bicep'

param environmentName = 'guard-two'
param location = 'northeurope'
param namePrefix = 'contoso'
param tags = { costCenter: '4711', owner: 'platform' }
param subscriptions = ['11111111-2222-3333-4444-555555555555', '66666666-2222-3333-4444-555555555555']
param mayFix = true
param logGroups = ['/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-bastion', '/subscriptions/66666666-2222-3333-4444-555555555555/resourceGroups/rg-hub']
param baseline = 'baseline.yaml'
param teamsWebhookUrl = ''
param keepWebhook = true
param storageSku = 'Standard_ZRS'
param maximumInstanceCount = 100
param alwaysReadyInstances = 1
param alertEmail = 'platform@example.com'
param integrationSubnetId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-platform/subnets/snet-guard'
param allowedAddresses = ['203.0.113.0/24', '198.51.100.7/32', '2001:db8::/48']
param systemTopicName = 'evgst-guard-{subscription}'
param systemTopicResourceGroup = 'rg-guard-prod'
param replayPrincipals = ['aaaaaaaa-2222-3333-4444-555555555555']
param signInClientId = 'cccccccc-2222-3333-4444-555555555555'
param signInPrograms = ['04b07795-8ddb-461a-bbee-02f9e1bf7b46', 'dddddddd-2222-3333-4444-555555555555']
param declarers = ['bbbbbbbb-2222-3333-4444-555555555555']
param openTelemetry = true
