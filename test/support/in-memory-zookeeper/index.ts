/** A ZooKeeper in memory for unit tests and the simulation. */
export { InMemoryZooKeeper, type InMemoryConnectOptions, type InMemoryOptions } from './server';
