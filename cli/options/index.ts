/** Options of commands: declaring, parsing, checking, explaining. */
export { keyValues, refuseTogether, requireOptions } from './checks';
export { commonOptions, flag, list, optional, value, type OptionDefinition, type OptionTable } from './definition';
export { checkRequired, ParsedOptions, parseOptions } from './parse';
export { UsageError } from './usage-error';
export { usageText } from './usage';
