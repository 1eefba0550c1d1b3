/** Projects by what they need: `unit` and `conformance` are the fast loop; the others start real processes. */
const shared = {
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

const project = (displayName, extra = {}) => ({
  ...shared,
  displayName,
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
  ...extra,
});

module.exports = {
  // Tests with real processes mostly wait: a core is not kept free for jest itself.
  maxWorkers: '100%',
  // For a machine with other work as well: a test that hangs shows a little later, one that computes does not fail.
  testTimeout: 30_000,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  projects: [
    project('unit'),
    project('conformance'),
    project('simulation'),
    project('cluster'),
    project('interop'),
    project('compose'),
    project('e2e'),
  ],
};
