// An alert for a topic whose events Event Grid gave up on. It lies beside the topic, under one name in each
// resource group, so that the runbook can speak of it.
@description('Name of the alert rule.')
param name string
@description('Resource id of the topic.')
param topicId string
@description('What the events are, as the alert tells it.')
param of string
@description('Tags of the rule.')
param tags object
@description('Whom it tells; empty for nobody.')
param actionGroupId string

resource undelivered 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    description: 'Event Grid gave up on ${of}. Runbook: dead-letters.'
    severity: 2
    enabled: true
    scopes: [topicId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'dead-lettered'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'DeadLetteredCount'
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Total'
        }
      ]
    }
    actions: empty(actionGroupId) ? [] : [{ actionGroupId: actionGroupId }]
  }
}
