/**
 * Points in time as --to-datetime and --by-duration take them. A bad one is no usage error in Kafka's command, but a failure
 * of the reset, of which it tells in words only.
 */
import { CommandError } from '../command';

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})\.(\d{1,3})(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** `YYYY-MM-DDTHH:mm:SS.sss`, optionally with a zone; UTC without. Milliseconds since the epoch. */
export function parseDateTime(text: string): number {
  const match = DATE_TIME.exec(text);
  if (match) {
    const [, year, month, day, hour, minute, second, fraction, zone] = match as unknown as string[];
    const zoneText =
      !zone || zone === 'Z'
        ? 'Z'
        : zone.replace(
            /^([+-]\d{2}):?(\d{2})?$/,
            (_all, hours: string, minutes?: string) => `${hours}:${minutes ?? '00'}`,
          );
    const millis = (fraction as string).padStart(3, '0');
    const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}${zoneText}`);
    if (!Number.isNaN(ms)) return ms;
  }
  throw new CommandError(`Unparseable date: "${text}". The format is YYYY-MM-DDTHH:mm:SS.sss`);
}

const DURATION = /^([+-]?)P(?:([+-]?\d+)D)?(?:T(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?\d+(?:\.\d+)?)S)?)?$/i;

/** `PnDTnHnMnS` in milliseconds. */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  const isEmpty = match?.slice(2).every((part) => part === undefined) ?? true;
  if (!match || isEmpty || /T$/i.test(text)) {
    throw new CommandError(`Text cannot be parsed to a Duration: ${text}. The format is PnDTnHnMnS, e.g. PT1H30M`);
  }
  const [days, hours, minutes, seconds] = match.slice(2).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  return match[1] === '-' ? -ms : ms;
}
