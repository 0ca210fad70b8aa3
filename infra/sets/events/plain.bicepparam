// Phase two after sets/plain.bicepparam.
using '../../events.bicep'

param functionAppId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-prod/providers/Microsoft.Web/sites/func-guard-x'
param systemTopicIds = ['/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-prod/providers/Microsoft.EventGrid/systemTopics/evgst-guard-11111111-2222-3333-4444-555555555555']
param driftTopicId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-prod/providers/Microsoft.EventGrid/topics/evgt-drift-x'
param deadLetters = 'key'
param deadLetterAccountId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-prod/providers/Microsoft.Storage/storageAccounts/stdeadx'
param storageAccountId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-prod/providers/Microsoft.Storage/storageAccounts/stguardx'
