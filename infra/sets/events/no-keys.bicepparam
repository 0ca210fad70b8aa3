// Phase two after sets/no-keys.bicepparam: no drift topic, no dead letters.
using '../../events.bicep'

param functionAppId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-keyless/providers/Microsoft.Web/sites/func-guard-w'
param systemTopicIds = ['/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-keyless/providers/Microsoft.EventGrid/systemTopics/evgst-guard-11111111-2222-3333-4444-555555555555']
param driftTopicId = ''
param deadLetters = 'off'
param deadLetterAccountId = ''
param storageAccountId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-keyless/providers/Microsoft.Storage/storageAccounts/stguardw'
