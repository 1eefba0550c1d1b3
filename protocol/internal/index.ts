/** Records of the internal topics, and the data that consumers exchange inside of JoinGroup and SyncGroup. */
export * from './consumer-offsets-key';
export * from './consumer-protocol';
export * from './consumer-protocol-assignment';
export * from './consumer-protocol-subscription';
export * from './group-metadata-key';
export * from './group-metadata-value';
export * from './offset-commit-key';
export * from './offset-commit-value';
export * from './transaction-log-key';
export * from './transaction-log-value';
export * from './versioned';
