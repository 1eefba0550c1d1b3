import { parseAddedConfigs } from '../../../../cli/configs/parse-configs';
import { kafkaConfigs } from '../../../../cli/kafka-configs';
import { runOurs } from '../../../support/run-command';

describe('--add-config', () => {
  it('takes settings separated by commas, values with commas in brackets', () => {
    expect(Object.fromEntries(parseAddedConfigs('a=1,b=[x,y],c=,d = z'))).toEqual({ a: '1', b: 'x,y', c: '', d: 'z' });
  });

  it('keeps further equals signs in the value', () => {
    expect(Object.fromEntries(parseAddedConfigs('a=b=c'))).toEqual({ a: 'b=c' });
  });

  it('says what is wrong with others', () => {
    expect(() => parseAddedConfigs('a=1,b')).toThrow('all configs to be added must be in the format "key=val"');
    expect(() => parseAddedConfigs('a b=1')).toThrow('Invalid character found for config key: a b');
  });
});

describe('kafka-configs', () => {
  it.each([
    ['--describe --bootstrap-server h:1', 'At least one entity type must be specified'],
    ['--describe --alter --topic t --bootstrap-server h:1', 'exactly one action'],
    ['--describe --topic t', '--bootstrap-server'],
    ['--describe --topic t --zookeeper h:1', '--zookeeper is not supported'],
    ['--alter --topic t --bootstrap-server h:1', 'At least one of --add-config'],
    ['--alter --entity-type topics --add-config a=1 --bootstrap-server h:1', 'an entity name must be specified'],
    ['--describe --entity-type topics --topic t --bootstrap-server h:1', 'should not be used in conjunction'],
    ['--describe --entity-type toppings --bootstrap-server h:1', 'Invalid entity type toppings'],
    ['--describe --broker first --bootstrap-server h:1', 'must be a valid integer broker id, but it is: first'],
    ['--describe --user ann --bootstrap-server h:1', 'not supported so far'],
    [
      '--describe --entity-type broker-loggers --bootstrap-server h:1',
      'an entity name must be specified with --describe',
    ],
  ])('%s is refused', async (args, complaint) => {
    const { code, stderr } = await runOurs(kafkaConfigs, args.split(' '));
    expect([code, stderr]).toEqual([1, expect.stringContaining(complaint)]);
  });
});
