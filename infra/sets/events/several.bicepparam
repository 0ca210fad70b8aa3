// Phase two on topics of two subscriptions that another environment uses too, and that have an identity.
using '../../events.bicep'

param functionAppId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-two/providers/Microsoft.Web/sites/func-contoso-y'
param systemTopicIds = [
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-prod/providers/Microsoft.EventGrid/systemTopics/evgst-guard-11111111-2222-3333-4444-555555555555'
  '/subscriptions/66666666-2222-3333-4444-555555555555/resourceGroups/rg-guard-prod/providers/Microsoft.EventGrid/systemTopics/evgst-guard-66666666-2222-3333-4444-555555555555'
]
param eventSubscriptionPrefix = 'guard-y'
param driftTopicId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-two/providers/Microsoft.EventGrid/topics/evgt-contoso-drift-y'
param deadLetters = 'identity'
param deadLetterAccountId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-two/providers/Microsoft.Storage/storageAccounts/stdeadconty'
param storageAccountId = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-guard-two/providers/Microsoft.Storage/storageAccounts/stcontosoy'
