// What the first deployment in docs/deploy.md asks for: one subscription, its defaults, somebody to mail.
using '../main.bicep'

param environmentName = 'guard-prod'
param location = 'westeurope'
param alertEmail = 'platform@example.com'
param keepWebhook = true
