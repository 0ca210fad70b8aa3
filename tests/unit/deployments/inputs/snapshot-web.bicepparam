using 'snapshot-web.bicep'

param office = '20.0.0.0/8'
