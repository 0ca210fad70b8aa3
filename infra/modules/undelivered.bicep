// Alerts for a topic whose events Event Grid gave up on: put aside, or dropped because there was nowhere to put them.
// They lie beside the topic, under one name in each resource group, so that the runbook can speak of them.
@description('What the names of the alert rules begin with.')
param prefix string
@description('What they end with, where a group has the alerts of two topics.')
param ending string = ''
@description('Resource id of the topic.')
param topicId string
@description('What the events are, as the alert tells it.')
param of string
@description('Tags of the rules.')
param tags object
@description('Whom they tell; empty for nobody.')
param actionGroupId string

// Two rules: the criteria of one would have to hold both at once.
var rules = [
  { name: 'dead-letters', metric: 'DeadLetteredCount', tells: 'gave up on ${of} and put them aside' }
  { name: 'dropped-events', metric: 'DroppedEventCount', tells: 'dropped ${of}' }
]

resource undelivered 'Microsoft.Insights/metricAlerts@2026-01-01' = [for rule in rules: {
  name: '${prefix}-${rule.name}${ending}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Event Grid ${rule.tells}. Runbook: ${rule.name}.'
    severity: 2
    enabled: true
    scopes: [topicId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: rule.name
          criterionType: 'StaticThresholdCriterion'
          metricName: rule.metric
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Total'
        }
      ]
    }
    actions: empty(actionGroupId) ? [] : [{ actionGroupId: actionGroupId }]
  }
}]
