/**
 * What a value may be, beyond its type. Each validator says it twice: as a check whose complaint has Kafka's words,
 * and as the short text that the documentation shows under "valid values".
 */
import { ConfigException } from './config-exception';
import { isKnownMetadataVersion, METADATA_VERSIONS } from './metadata-version';
import type { Validator } from './definition';

type Bound = number | bigint;

function range(min: Bound, max: Bound | null): Validator {
  return {
    check(name, value) {
      if (value === null) throw ConfigException.invalid(name, null, 'Value must be non-null');
      const amount = value as Bound;
      if (amount < min) throw ConfigException.invalid(name, numberText(amount), `Value must be at least ${min}`);
      if (max !== null && amount > max) {
        throw ConfigException.invalid(name, numberText(amount), `Value must be no more than ${max}`);
      }
    },
    describe: () => (max === null ? `[${min},...]` : `[${min},...,${max}]`),
  };
}

/** Kafka prints numbers as Java does; only doubles look different there, e.g. 2 as 2.0, which nobody relies on. */
function numberText(value: Bound): string {
  return String(value);
}

export const atLeast = (min: Bound): Validator => range(min, null);
export const between = (min: Bound, max: Bound): Validator => range(min, max);

/** One of a fixed set of texts. */
export function oneOf(...allowed: readonly string[]): Validator {
  return {
    check(name, value) {
      if (!allowed.includes(value as string)) {
        throw ConfigException.invalid(name, value as string | null, `String must be one of: ${allowed.join(', ')}`);
      }
    },
    describe: () => `[${allowed.join(', ')}]`,
  };
}

/** One of a fixed set of texts, in capitals or not. */
export function oneOfIgnoringCase(...allowed: readonly string[]): Validator {
  return {
    check(name, value) {
      if (value === null || !allowed.includes((value as string).toUpperCase())) {
        const text = `String must be one of (case insensitive): ${allowed.join(', ')}`;
        throw ConfigException.invalid(name, value as string | null, text);
      }
    },
    describe: () => `(case insensitive) [${allowed.join(', ')}]`,
  };
}

/** A list whose entries all belong to a fixed set. */
export function listOf(...allowed: readonly string[]): Validator {
  const entry = oneOf(...allowed);
  return {
    check(name, value) {
      for (const item of (value as readonly string[] | null) ?? []) entry.check(name, item);
    },
    describe: () => `[${allowed.join(', ')}]`,
  };
}

export const nonEmpty: Validator = {
  check(name, value) {
    if (value !== null && value === '') throw ConfigException.invalid(name, '', 'String must be non-empty');
  },
  describe: () => 'non-empty string',
};

export const nonNull: Validator = {
  check(name, value) {
    if (value === null) throw ConfigException.invalid(name, null, 'entry must be non null');
  },
  describe: () => 'non-null string',
};

/** gzip: 1 (fast) to 9 (small), or -1 for the library's choice. */
export const gzipLevel: Validator = {
  check(name, value) {
    const level = value as number;
    if (level > 9 || (level < 1 && level !== -1)) {
      throw ConfigException.invalid(name, String(level), 'Value must be between 1 and 9 or equal to -1');
    }
  },
  describe: () => '[1,...,9] or -1',
};

/** A number of threads, or -1 to follow remote.log.manager.thread.pool.size. */
export const threadsOrFollow: Validator = {
  check(name, value) {
    const threads = value as number;
    if (threads < -1 || threads === 0) {
      throw ConfigException.invalid(name, String(threads), 'Value can be -1 or greater than 0');
    }
  },
  describe: () => '[1,...] or -1',
};

export const metadataVersion: Validator = {
  check(name, value) {
    if (!isKnownMetadataVersion(value as string)) {
      throw ConfigException.invalid(name, value as string, `Version ${value as string} is not a valid version`);
    }
  },
  describe: () => `[${METADATA_VERSIONS.join(', ')}]`,
};

/** Replicas whose replication is throttled: `*`, or `partition:broker` pairs. */
export const throttledReplicas: Validator = {
  check(name, value) {
    const entries = (value as readonly string[]).map((entry) => entry.trim());
    if (entries.every((entry) => /^([0-9]+:[0-9]+)?$/.test(entry)) || entries.join('') === '*') return;
    const shape = '[partitionId]:[brokerId],[partitionId]:[brokerId],...';
    throw ConfigException.invalid(
      name,
      `[${entries.join(', ')}]`,
      `${name} must be the literal '*' or a list of replicas in the following format: ${shape}`,
    );
  },
  describe: () => '[partitionId]:[brokerId],[partitionId]:[brokerId],...',
};
