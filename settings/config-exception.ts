/** The one error of settings/: a configuration value, or a combination of values, that cannot be used. */

export class ConfigException extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'ConfigException';
  }

  /**
   * The shape that people know from Kafka: which value, of which key, and what is allowed.
   * Values of password keys must be hidden by the caller.
   */
  static invalid(name: string, value: string | null, allowed: string): ConfigException {
    return new ConfigException(`Invalid value ${value} for configuration ${name}: ${allowed}`);
  }
}

/**
 * An unknown name, or values that contradict each other: answered with INVALID_CONFIG and this very text. (A value of
 * the wrong shape is a plain ConfigException, before whose text the requests that alter configurations name the resource.)
 */
export class InvalidConfiguration extends ConfigException {
  constructor(text: string) {
    super(text);
    this.name = 'InvalidConfiguration';
  }
}
