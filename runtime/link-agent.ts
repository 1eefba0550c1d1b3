/**
 * Lets whoever started this process cut its links, over the channel that Node opens to a child. To be preloaded
 * (node --require) into processes of a cluster for learning and tests; without it a process has no such door.
 */
import { LinkControl } from './link-control';
import { CUT_PORTS_VARIABLE, type CutLinks, type CutLinksDone } from './link-protocol';

const links = new LinkControl();
let cut: ReadonlySet<number> = new Set();

function cutExactly(ports: ReadonlySet<number>): void {
  for (const port of cut) if (!ports.has(port)) links.setLink(port, { send: true, receive: true });
  for (const port of ports) links.setLink(port, { send: false, receive: false });
  cut = ports;
}

function isCutLinks(value: unknown): value is CutLinks {
  return typeof value === 'object' && value !== null && (value as CutLinks).kind === 'cut-links';
}

links.install();
const atStart = (process.env[CUT_PORTS_VARIABLE] ?? '').split(',').filter((port) => port !== '');
cutExactly(new Set(atStart.map(Number)));
process.on('message', (value) => {
  if (!isCutLinks(value)) return;
  cutExactly(new Set(value.ports));
  process.send?.({ kind: 'cut-links-done', id: value.id } satisfies CutLinksDone);
});
// The channel alone is no reason to stay.
process.channel?.unref();
