using 'spoke.bicep'
