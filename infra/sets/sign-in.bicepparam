// What the page asks for: people sign in with Entra ID. The second step of docs/deploy.md, everything else as plain.
using '../main.bicep'

param environmentName = 'guard-prod'
param location = 'westeurope'
param alertEmail = 'platform@example.com'
param keepWebhook = true
param signInClientId = 'cccccccc-2222-3333-4444-555555555555'
