/**
 * `npm test`: makes the clone ready, installs what the tests need of the machine where that is allowed, runs every test, and
 * ends with the line `N passed, N failed`. Arguments after `--` go to jest, e.g. npm test -- --selectProjects unit
 *
 * Where something is missing that may not be installed, it is named and the tests that need it are left out; with CI=true
 * all are run and those that need it fail.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const require = createRequire(import.meta.url);

function runJest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'gregor-jest-'));
  const resultFile = join(folder, 'result.json');
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  try {
    const { status } = spawnSync(process.execPath, [jest, '--json', `--outputFile=${resultFile}`, ...args], {
      cwd: root,
      // --json prints the result on standard output too; what is for people goes to the error stream.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return { status: status ?? 1, result: JSON.parse(readFileSync(resultFile, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main() {
  await prepare({ say: (line) => console.log(line) });
  const { prepareForTests } = require(join(root, 'dist', 'supervisor', 'test-prerequisites.js'));
  const missing = await prepareForTests((line) => console.log(line));
  for (const { sentence } of missing) console.log(sentence);
  const onlySome = missing.length > 0 && process.env.CI !== 'true';
  const leftOut = new Set(onlySome ? missing.flatMap(({ projects }) => projects) : []);
  if (onlySome) console.log(`Left out are the tests that need it: ${[...leftOut].join(', ')}.`);
  const ignored = onlySome ? ['--ignoreProjects', ...leftOut] : [];
  const { status, result } = runJest([...process.argv.slice(2), ...ignored]);
  // A file that could not even be loaded holds tests that nobody counted; what is missing failed too where all are run.
  const notRun = result.numRuntimeErrorTestSuites + (onlySome ? 0 : missing.length);
  const failed = result.numFailedTests + notRun;
  process.exitCode = status === 0 && failed > 0 ? 1 : status;
  console.log(`${result.numPassedTests} passed, ${failed} failed`);
}

main().catch((error) => {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
