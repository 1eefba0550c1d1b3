import { kafkaConsumerPerfTest } from '../../../../cli/kafka-consumer-perf-test';
import { kafkaProducerPerfTest } from '../../../../cli/kafka-producer-perf-test';
import { freePorts } from '../../../../supervisor/ports';
import { runOurs } from '../../../support/run-command';

const produce = ['--topic', 't', '--num-records', '10', '--throughput', '-1'];

describe('kafka-producer-perf-test', () => {
  it.each([
    [['--topic', 't'], 'Missing required option(s) [num-records, throughput]'],
    [
      [...produce, '--producer-props', 'acks=1'],
      'one of the arguments --record-size --payload-file --payload-monotonic is required',
    ],
    [
      [...produce, '--record-size', '1', '--payload-monotonic'],
      'argument --payload-monotonic: not allowed with argument --record-size',
    ],
    [[...produce, '--record-size', '1'], 'Either --producer-props or --producer.config must be specified.'],
    [[...produce, '--record-size', '1', '--producer-props', 'acks'], 'Invalid property: acks'],
    [
      [...produce, '--record-size', '1', '--producer-props', 'acks=1'],
      'No resolvable bootstrap urls given in bootstrap.servers',
    ],
    [[...produce, '--record-size', 'x'], "Cannot parse argument 'x' of option record-size"],
    [[...produce, '--record-size', '1', '--transaction-duration-ms', '5'], 'no transactions so far'],
  ])('%j says what is wrong', async (args, problem) => {
    const { code, stderr } = await runOurs(kafkaProducerPerfTest, args);
    expect(code).toBe(1);
    expect(stderr).toContain(problem);
  });

  it('takes several properties after one --producer-props, and gives up on a cluster that is not there', async () => {
    const [port] = await freePorts(1);
    const properties = [
      '--producer-props',
      'acks=1',
      `bootstrap.servers=127.0.0.1:${port}`,
      'default.api.timeout.ms=300',
    ];
    const { code, stderr } = await runOurs(kafkaProducerPerfTest, [...produce, '--record-size', '1', ...properties]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `No broker answers at 127.0.0.1:${port} (connection refused; tried for 0.3 s). Start one with`,
    );
  });
});

describe('kafka-consumer-perf-test', () => {
  it.each([
    [['--topic', 't', '--messages', '1'], 'Missing required option(s) [bootstrap-server]'],
    [['--bootstrap-server', 'a:1', '--topic', 't'], 'Missing required argument "[messages]"'],
    [['--bootstrap-server', 'a:1', '--messages', '1'], 'Missing required argument "[topic]"'],
    [
      ['--bootstrap-server', 'a:1', '--messages', '1', '--topic', 't', '--reporting-interval', '0'],
      'Reporting interval must be greater than 0.',
    ],
    [
      ['--bootstrap-server', 'a:1', '--messages', '1', '--topic', 't', '--date-format', 'qq'],
      "Illegal pattern character 'q'",
    ],
  ])('%j says what is wrong', async (args, problem) => {
    const { code, stderr } = await runOurs(kafkaConsumerPerfTest, args);
    expect(code).toBe(1);
    expect(stderr).toContain(problem);
  });
});
