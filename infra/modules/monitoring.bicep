// Where logs go, and whom alerts tell. No local authentication: what is sent is sent with an identity.
import { Names, Tags } from 'shapes.bicep'

@description('Names of everything here.')
param names Names
@description('Whether logs are sent and read over a private link alone.')
param closed bool
@description('Region of everything here.')
param location string
@description('Tags of everything here.')
param tags Tags
@description('Object id of the app identity, which may send.')
param principalId string
@description('Days that logs are kept.')
param retentionDays int
@description('Where alerts are mailed; empty for nowhere.')
param alertEmail string

var access = closed ? 'Disabled' : 'Enabled'
var publisher = '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: names.workspace
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: max(30, retentionDays) // a workspace takes no less; its tables do
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
    workspaceCapping: { dailyQuotaGb: 2 }
    publicNetworkAccessForIngestion: access
    publicNetworkAccessForQuery: access
  }
}

// Application Insights' own tables keep what they hold for 90 days, whatever the workspace says; actors are in them.
// A new workspace can answer that it is not active yet, so its first user comes first.
resource tables 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = [for table in ['AppTraces', 'AppRequests', 'AppExceptions', 'AppDependencies', 'AppEvents', 'AppMetrics', 'AppPerformanceCounters', 'AppSystemEvents']: {
  parent: workspace
  name: table
  properties: { retentionInDays: retentionDays, totalRetentionInDays: retentionDays }
  dependsOn: [insights]
}]

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: names.insights
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspace.id
    publicNetworkAccessForIngestion: access
    publicNetworkAccessForQuery: access
  }
}

resource sending 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, principalId, publisher)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisher)
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertEmail)) {
  name: names.people
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'guard'
    emailReceivers: [{ name: 'on call', emailAddress: alertEmail, useCommonAlertSchema: true }]
  }
}

@description('Resource id of the workspace.')
output workspaceId string = workspace.id
@description('Resource id of the Application Insights component.')
output insightsId string = insights.id
@description('Resource id of the action group; empty without an address.')
output actionGroupId string = empty(alertEmail) ? '' : people.id
