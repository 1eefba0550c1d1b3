/**
 * The order in which jest takes the files: the simulation first, because it keeps one core busy for minutes with a single
 * file, then what starts processes and mostly waits, last the quick ones. Within a kind jest's own order. The containers come
 * well after the browser: Chromium breaks off its requests when a network interface comes or goes.
 */
const { default: Sequencer } = require('@jest/test-sequencer');

const KINDS = ['simulation', 'e2e', 'interop', 'compose', 'cluster', 'conformance', 'unit'];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const kind = (test) => KINDS.indexOf(test.context.config.displayName?.name);
    return super.sort(tests).toSorted((one, other) => kind(one) - kind(other));
  }
};
