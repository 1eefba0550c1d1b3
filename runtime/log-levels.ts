/**
 * From which level on each logger writes, changeable while the process runs. Names are dotted paths, as with log4j: a logger
 * without a level of its own writes what its nearest ancestor with one does, at last the root.
 */

/** Most severe first, under log4j's names. */
export const logLevelNames = ['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'] as const;

export type LogLevelName = (typeof logLevelNames)[number];

/** The name of the logger that all others descend from. */
export const ROOT_LOGGER = 'root';

/** What one logger looks at before each line. It is updated in place, so that asking costs no search. */
export interface LogThreshold {
  readonly writes: (level: LogLevelName) => boolean;
}

interface KnownLogger extends LogThreshold {
  level: LogLevelName;
}

export class LogLevels {
  /** Levels that were set, the root's among them. */
  private readonly own = new Map<string, LogLevelName>();
  private readonly known = new Map<string, KnownLogger>();

  constructor(root: LogLevelName = 'INFO') {
    this.own.set(ROOT_LOGGER, root);
    this.register(ROOT_LOGGER);
  }

  /** Makes a logger known under its name, if it is not yet. */
  register(name: string): LogThreshold {
    let logger = this.known.get(name);
    if (!logger) {
      const made: KnownLogger = {
        level: this.resolve(name),
        writes: (level) => severity(level) <= severity(made.level),
      };
      this.known.set(name, made);
      logger = made;
    }
    return logger;
  }

  has(name: string): boolean {
    return this.known.has(name);
  }

  /** The level in force of each known logger. */
  all(): Map<string, LogLevelName> {
    return new Map([...this.known].map(([name, { level }]) => [name, level]));
  }

  set(name: string, level: LogLevelName): void {
    this.own.set(name, level);
    this.refresh();
  }

  /** Takes away a logger's own level. @throws Error for the root, which has nobody to inherit one from */
  unset(name: string): void {
    if (name === ROOT_LOGGER) throw new Error('the root logger needs a level');
    this.own.delete(name);
    this.refresh();
  }

  private refresh(): void {
    for (const [name, logger] of this.known) logger.level = this.resolve(name);
  }

  private resolve(name: string): LogLevelName {
    for (let path = name; path !== ''; path = path.slice(0, Math.max(path.lastIndexOf('.'), 0))) {
      const level = this.own.get(path);
      if (level) return level;
    }
    return this.own.get(ROOT_LOGGER) as LogLevelName;
  }
}

function severity(level: LogLevelName): number {
  return logLevelNames.indexOf(level);
}
