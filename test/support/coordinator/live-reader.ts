/** Reads the coordinator's live stream as a client does that is no browser. */

/** Reads events until one of a znode speaks of `word`; ids must grow by one. Gives the id of that event. */
export async function readUntil(response: Response, word: string): Promise<number> {
  const decoder = new TextDecoder();
  let text = '';
  let last: number | null = null;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data === undefined) continue;
      const event = JSON.parse(data) as { id: number; type: string; text: string };
      if (last !== null && event.id !== last + 1) throw new Error(`event ${event.id} came after ${last}`);
      last = event.id;
      if (event.type === 'znode' && event.text.includes(word)) return last;
    }
  }
  throw new Error(`the stream ended before ${word}`);
}
