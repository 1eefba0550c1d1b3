/** The embedded cluster: what `import { startCluster } from 'gregor'` gives. */
export { startCluster } from './cluster';
export type * from './types';
