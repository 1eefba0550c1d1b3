/** The same module for `import`: Node would find the names by itself, but TypeScript and bundlers want them declared. */
export { startCluster } from './index.js';
export type * from './index.js';
