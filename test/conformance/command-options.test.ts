/** Every option of Kafka's commands exists in ours, with a value where theirs has one, and there are no others. */
import type { Command } from '../../cli/command';
import { kafkaConfigs } from '../../cli/kafka-configs';
import { kafkaConsoleConsumer } from '../../cli/kafka-console-consumer';
import { kafkaConsoleProducer } from '../../cli/kafka-console-producer';
import { kafkaConsumerGroups } from '../../cli/kafka-consumer-groups';
import { kafkaGetOffsets } from '../../cli/kafka-get-offsets';
import { kafkaTopics } from '../../cli/kafka-topics';
import { runKafkaTool } from '../support/apache-kafka';

jest.setTimeout(600_000);

/** `--name <Type: what>`, `--name [Type]` or `--name`, from the left column of a help text of joptsimple. */
function optionsOf(help: string): string[] {
  const column = /^Option( +)Description/m.exec(help)?.[1]?.length ?? 0;
  const width = 'Option'.length + column;
  const left = help
    .slice(help.indexOf('------'))
    .split('\n')
    .map((line) => line.slice(0, width).trim())
    .join(' ');
  return [...left.matchAll(/--([a-z][\w.-]*)( <(\w+)| \[(\w+))?/g)].map(([, name, , required, optional]) =>
    `${name} ${required ? `<${required}>` : optional ? `[${optional}]` : ''}`.trim(),
  );
}

function ourOptions(command: Command): string[] {
  return Object.entries(command.options).map(([name, { kind, type }]) => {
    const value = { flag: '', value: `<${type}>`, optional: `[${type}]`, list: `<${type}>` }[kind];
    return `${name} ${value}`.trim();
  });
}

it.each([kafkaTopics, kafkaConsoleProducer, kafkaConsoleConsumer, kafkaConsumerGroups, kafkaConfigs, kafkaGetOffsets])(
  '$name',
  async (command) => {
    const { stderr, code } = await runKafkaTool(command.name as 'kafka-topics', ['--help']);
    expect(code).toBe(1);
    expect(ourOptions(command).toSorted()).toEqual(optionsOf(stderr).toSorted());
  },
);
