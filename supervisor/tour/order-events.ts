/** The input of the tour: order events from a file of JSON lines. */
import { readFileSync } from 'node:fs';

export interface OrderEvent {
  customer: string;
  /** 1, 2, 3 … per customer. */
  sequence: number;
  /** The line as it stands in the file. */
  text: string;
}

/** Reads the events in the file's order; an error names the line that is none. */
export function readOrderEvents(file: string): OrderEvent[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((text, at) => parseOrderEvent(text, `${file}:${at + 1}`));
}

/** @param where names the event in errors */
export function parseOrderEvent(text: string, where: string): OrderEvent {
  let value: Partial<OrderEvent>;
  try {
    value = JSON.parse(text) as Partial<OrderEvent>;
  } catch (error) {
    throw new Error(`${where} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const { customer, sequence } = value;
  if (typeof customer !== 'string' || typeof sequence !== 'number') {
    throw new Error(`${where} has no customer or no sequence`);
  }
  return { customer, sequence, text };
}
