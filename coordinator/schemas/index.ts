/** Every answer of the REST interface, declared once. */
export * from './common';
export * from './cluster';
export * from './topics';
export * from './groups';
export * from './znodes';
export * from './events';
