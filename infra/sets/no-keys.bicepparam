// The open form without a single shared key: changes that cannot be delivered are not kept, the sweep finds them.
using '../main.bicep'

param environmentName = 'guard-keyless'
param location = 'westeurope'
param tags = { costCenter: '4711' }
param deadLetters = 'off'
param driftTopic = false
