/** Whether a link into docs/ leads somewhere: the file is there, and has that heading. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(__dirname, '..', '..', 'docs');

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/** @param document e.g. `znodes.md#who-is-there`, relative to docs/ */
export function documentExists(document: string): boolean {
  const [file, anchor] = document.split('#') as [string, string?];
  const path = join(docs, file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8').replace(/```[\s\S]*?```/g, '');
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading as string));
  return anchor === undefined || anchors.includes(anchor);
}
