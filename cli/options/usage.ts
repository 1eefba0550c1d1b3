/** The text of --help: every option with its value and its sentence, in two columns. */
import type { OptionDefinition, OptionTable } from './definition';

const WIDTH = 100;
const LEFT = 40;

export function usageText(about: string, table: OptionTable): string {
  const rows = Object.keys(table)
    .toSorted()
    .map((name) => optionRow(name, table[name] as OptionDefinition));
  return `${about}\n${pad('Option')}Description\n${pad('------')}-----------\n${rows.join('')}`;
}

function pad(text: string): string {
  return text.padEnd(LEFT);
}

function optionRow(name: string, option: OptionDefinition): string {
  const left = wrap(`--${name}${argumentText(option)}`, LEFT - 1, '  ');
  const suffix = option.defaultText === undefined ? '' : ` (default: ${option.defaultText})`;
  const required = option.required ? 'REQUIRED: ' : '';
  const right = wrap(`${required}${option.doc}${suffix}`, WIDTH - LEFT, '  ');
  const lines = Math.max(left.length, right.length);
  let text = '';
  for (let at = 0; at < lines; at += 1) text += `${pad(left[at] ?? '')}${right[at] ?? ''}`.trimEnd() + '\n';
  return text;
}

function argumentText({ kind, type, argument }: OptionDefinition): string {
  if (kind === 'flag') return '';
  const inner = argument === '' ? type : `${type}: ${argument}`;
  return kind === 'optional' ? ` [${inner}]` : ` <${inner}>`;
}

function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = lines.length === 0 ? '' : indent;
    for (const word of paragraph.split(' ')) {
      const joined = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
      if (joined.length <= width || line.trim() === '') {
        line = joined;
      } else {
        lines.push(line);
        line = indent + word;
      }
    }
    lines.push(line);
  }
  return lines;
}
