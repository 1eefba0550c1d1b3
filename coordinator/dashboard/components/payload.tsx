/** Bytes as people can read them. Always text nodes: nothing in a payload is ever taken for markup. */
import type { Payload } from '@schemas';
import { bytes, hexOf, prettyJson } from '../logic/format.js';
import { diffLines } from '../logic/diff.js';

const HEX_SHOWN = 512;

export function payloadText(payload: Payload | null): string {
  if (!payload) return '';
  return payload.encoding === 'utf8' ? prettyJson(payload.text).text : hexOf(payload.text, HEX_SHOWN);
}

/** @param none what to say when there is no payload at all */
export function PayloadBlock({ payload, none }: { payload: Payload | null; none: string }) {
  if (!payload) return <p class="soft">{none}</p>;
  if (payload.bytes === 0) return <p class="soft">Empty (0 bytes)</p>;
  const binary = payload.encoding === 'base64';
  return (
    <>
      <p class="small soft">
        {binary ? 'Binary, shown in hexadecimal' : prettyJson(payload.text).json ? 'JSON' : 'Text'} ·{' '}
        {bytes(payload.bytes)}
        {payload.truncated ? ' · only the beginning is shown' : ''}
      </p>
      <pre class="payload" tabIndex={0}>
        {payloadText(payload)}
      </pre>
    </>
  );
}

/** In one line, for tables. */
export function PayloadInline({ payload, most = 120 }: { payload: Payload | null; most?: number }) {
  if (!payload) return <span class="soft">null</span>;
  if (payload.bytes === 0) return <span class="soft">empty</span>;
  if (payload.encoding === 'base64') {
    return (
      <span>
        <span class="badge">binary</span> <code>{hexOf(payload.text, 16)}</code>
      </span>
    );
  }
  const text = payload.text.length > most ? `${payload.text.slice(0, most)} …` : payload.text;
  return <code>{text}</code>;
}

export function PayloadDiff({ before, after }: { before: Payload | null; after: Payload | null }) {
  return (
    <pre class="payload diff" tabIndex={0}>
      {diffLines(payloadText(before), payloadText(after)).map(({ kind, text }, index) => (
        <span class={kind} key={index}>
          {kind === 'added' ? '+ ' : kind === 'removed' ? '- ' : '  '}
          {text}
        </span>
      ))}
    </pre>
  );
}
