import { Errors } from '../../protocol';
import { askKafka } from '../support/kafka-echo';

test('error codes, names and retriable flags are those of Apache Kafka', async () => {
  const [answer] = await askKafka(['errors']);
  const theirs = (answer as string).split(' ').toSorted();
  const ours = Object.values(Errors)
    .map(({ name, code, retriable }) => `${name}:${code}:${retriable}`)
    .toSorted();
  expect(ours).toEqual(theirs);
}, 600_000);
