// What several modules share: how things are called, and which network they stand in.

@export()
@description('The names of everything in the resource group of the app.')
type Names = {
  @description('Identity of the app.')
  identity: string
  @description('Account of package, queues and ledger.')
  account: string
  @description('Account of the dead letters.')
  deadLetters: string
  @description('Vault of the webhook.')
  vault: string
  @description('Log Analytics workspace.')
  workspace: string
  @description('Application Insights component.')
  insights: string
  @description('Action group of the alerts.')
  people: string
  @description('Drift topic.')
  topic: string
  @description('Function app.')
  app: string
  @description('Private link scope of Azure Monitor.')
  monitorScope: string
}

// Accounts and vaults take 24 letters and digits, of which the suffix is 13. The names of the default prefix are
// those of the first release: what is renamed is made anew, and the ledger would be left behind.
@export()
@description('The names that follow from a prefix and what makes them unique.')
func namesOf(prefix string, suffix string) Names => {
  identity: 'id-${prefix}-${suffix}'
  account: '${take('st${replace(prefix, '-', '')}', 11)}${suffix}'
  deadLetters: prefix == 'guard' ? 'stdead${suffix}' : 'stdead${take(replace(prefix, '-', ''), 5)}${suffix}'
  vault: '${take('kv${replace(prefix, '-', '')}', 11)}${suffix}'
  workspace: 'log-${prefix}-${suffix}'
  insights: 'appi-${prefix}-${suffix}'
  people: 'ag-${prefix}-${suffix}'
  topic: prefix == 'guard' ? 'evgt-drift-${suffix}' : 'evgt-${prefix}-drift-${suffix}'
  app: 'func-${prefix}-${suffix}'
  monitorScope: 'ampls-${prefix}-${suffix}'
}

// Event Grid takes 50 characters, of which the id of the subscription is 36.
@export()
@description('The name of the system topic of a subscription.')
func systemTopicOf(prefix string, subscriptionId string) string =>
  '${take('evgst-${prefix}', 13)}-${subscriptionId}'

@export()
@description('How things are reached.')
type Network = {
  @description('Whether everything is shut towards the internet and reached over private endpoints.')
  closed: bool
  @description('Subnet of the app; empty for none.')
  integrationSubnetId: string
  @description('Subnet of the private endpoints; empty in the open form.')
  endpointSubnetId: string
  @description('Public addresses that may get in besides; open form only.')
  allowedAddresses: string[]
}

@export()
@description('Tags by their names.')
type Tags = {
  *: string
}

@export()
@description('Ids of private DNS zones; each is one id, or several separated by commas.')
type Zones = {
  @description('privatelink.blob.core.windows.net')
  blob: string?
  @description('privatelink.queue.core.windows.net')
  queue: string?
  @description('privatelink.table.core.windows.net')
  table: string?
  @description('privatelink.vaultcore.azure.net')
  vault: string?
  @description('privatelink.azurewebsites.net')
  sites: string?
  @description('privatelink.monitor.azure.com, and what else of Azure Monitor the network resolves')
  monitor: string?
  @description('privatelink.eventgrid.azure.net; for the drift topic')
  topic: string?
}
