// One alert rule for each way in which the app can silently stop being useful; docs/runbook.md has a section
// for each, under the name of the rule. Dead letters have a rule beside the system topic they come from.
@description('What the names of the rules begin with.')
param prefix string
@description('What makes names unique.')
param suffix string
@description('Region of the rules.')
param location string
@description('Tags of the rules.')
param tags object
@description('Workspace the rules query.')
param workspaceId string
@description('Whom they tell; empty for nobody.')
param actionGroupId string

// Azure has no metric for the age of a queue's oldest message. So: what was begun late, as the host tells for
// each message; and, since nothing is told while nothing is begun, a change taken in over an hour ago after which
// no work was begun at all.
var oldMessages = '''
union
  (AppTraces
  | where TimeGenerated > ago(30m) and Message startswith "Trigger Details: MessageId"
  | extend inserted = todatetime(extract("InsertionTime: ([^,]+)", 1, Message))
  | where TimeGenerated - inserted > 1h
  | project TimeGenerated),
  (AppTraces
  | where TimeGenerated < ago(1h) and Message startswith "event.accepted" and Message !contains '"messages": 0'
  | summarize TimeGenerated = max(TimeGenerated)
  | extend begun = toscalar(AppRequests | where Name == "reconcile" | summarize max(TimeGenerated))
  | where isnotnull(TimeGenerated) and (isnull(begun) or begun < TimeGenerated)
  | project TimeGenerated)
'''

// Silent until the first sweep is due: an app that has been heard of for less than thirteen hours may not have swept
// yet. Two days are looked at, so that the age of what was heard can be told.
var noHeartbeat = '''
AppRequests
| where TimeGenerated > ago(2d)
| summarize heard = min(TimeGenerated), swept = max(iff(Name == "sweep" and Success == true, TimeGenerated, datetime(null)))
| where heard < ago(13h) and (isnull(swept) or swept < ago(13h))
'''

var rules = [
  {
    name: 'failures'
    severity: 2
    description: 'Functions keep failing.'
    query: 'AppRequests | where Success == false'
    threshold: 5
    windowSize: 'PT15M'
    evaluationFrequency: 'PT5M'
  }
  {
    name: 'poison-messages'
    severity: 1
    description: 'Work was given up after too many tries.'
    query: 'AppTraces | where Message has "Moving message to queue" and Message contains "-poison"'
    threshold: 0
    windowSize: 'PT15M'
    evaluationFrequency: 'PT5M'
  }
  {
    name: 'channel-refuses'
    severity: 2
    description: 'A channel refuses alerts for good: its webhook is gone, or its secret is missing or wrong.'
    query: 'AppTraces | where Message startswith "cards.refused"'
    threshold: 0
    windowSize: 'PT1H'
    evaluationFrequency: 'PT15M'
  }
  {
    name: 'no-heartbeat'
    severity: 1
    description: 'No sweep has ended well for twelve hours; it runs every six.'
    query: noHeartbeat
    threshold: 0
    windowSize: 'P1D'
    evaluationFrequency: 'PT1H'
  }
  {
    name: 'budget-tripped'
    severity: 2
    description: 'Repairs were held back because as many writes as the baseline allows were made within an hour.'
    query: 'AppTraces | where Message startswith "announcement.sent" and Message has "writes an hour is used up"'
    threshold: 0
    windowSize: 'PT1H'
    evaluationFrequency: 'PT15M'
  }
  {
    name: 'old-messages'
    severity: 2
    description: 'Work waited for more than an hour before it was begun, or waits still.'
    query: oldMessages
    threshold: 0
    windowSize: 'PT6H'
    evaluationFrequency: 'PT15M'
  }
]

// What looks at more than its window. After that time nothing is known any more, which is no reason to call it mended.
var looksBack = { 'no-heartbeat': 'P2D' }

resource alerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [for rule in rules: {
  name: '${prefix}-${rule.name}-${suffix}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Bastion Guard: ${rule.name}'
    description: '${rule.description} Runbook: ${rule.name}.'
    severity: rule.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: rule.evaluationFrequency
    windowSize: rule.windowSize
    overrideQueryTimeRange: looksBack[?rule.name]
    autoMitigate: !contains(looksBack, rule.name)
    muteActionsDuration: contains(looksBack, rule.name) ? 'P1D' : null
    skipQueryValidation: true // the tables come into being with the first record
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: rule.threshold
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: empty(actionGroupId) ? [] : [actionGroupId] }
  }
}]
