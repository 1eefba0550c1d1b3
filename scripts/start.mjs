/** `npm start`: makes the clone ready, then hands over to supervisor/start-main. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

try {
  await prepare({ say: (line) => console.log(line) });
  const { start } = createRequire(import.meta.url)(join(root, 'dist', 'supervisor', 'start-main.js'));
  await start(root, process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
// What was interrupted half-way may still hold a timer or a child; children are killed on exit.
process.stdout.write('', () => process.exit());
