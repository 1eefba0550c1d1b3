/** The options of kafka-consumer-groups. */
import { commonOptions, flag, optional, value, type ParsedOptions } from '../options';

export const groupsOptions = {
  ...commonOptions,
  'bootstrap-server': value('server to connect to', 'REQUIRED: brokers to connect to.'),
  'command-config': value('command config property file', 'File with properties for the connection to the cluster.'),
  list: flag('List the groups; with --state or --type as a table, or only those of some states or types.'),
  describe: flag('Show a group: offsets with lag, or --members, or --state.'),
  delete: flag('Delete groups without members.'),
  'delete-offsets': flag('Delete the offsets that a group has committed for topics.'),
  'reset-offsets': flag(
    'Change the offsets of a group without members. Shows what it would do unless --execute is given. Where to: --to-earliest, --to-latest, --to-current, --to-offset, --shift-by, --to-datetime, --by-duration or --from-file. For what: --all-topics or --topic.',
  ),
  group: value('consumer group', 'The group; may be given several times.'),
  'all-groups': flag('All groups.'),
  topic: value('topic', 'The topic, or some partitions of it as in orders:0,1,2; may be given several times.'),
  'all-topics': flag('All topics that the group has offsets for.'),
  members: flag('Describe the members of the group.'),
  offsets: flag('Describe the offsets of the group, which is the default.'),
  state: optional('', 'Describe the state of the group; with --list the states to list, as in stable,empty.'),
  type: optional('', 'With --list: the types to list, as in classic,consumer.'),
  verbose: flag('Describe more.'),
  'dry-run': flag('Only show what would be done.'),
  execute: flag('Do it.'),
  export: flag('Print the new offsets as CSV, which --from-file reads.'),
  'to-offset': value('offset', 'To this offset.', { type: 'Long' }),
  'to-datetime': value('datetime', "To the first record since then: 'YYYY-MM-DDTHH:mm:SS.sss'."),
  'by-duration': value('duration', "To the first record of the last while: 'PnDTnHnMnS'."),
  'to-earliest': flag('To the beginning.'),
  'to-latest': flag('To the end.'),
  'to-current': flag('To where it is; the end where nothing was committed.'),
  'shift-by': value('number-of-offsets', 'On, or back with a negative number.', { type: 'Long' }),
  'from-file': value(
    'path to CSV file',
    'To what the file says: lines of topic,partition,offset or group,topic,partition,offset.',
  ),
  timeout: value('timeout (ms)', 'How long to wait for the cluster.', { type: 'Long', defaultText: '5000' }),
};

export type GroupsOptions = ParsedOptions<typeof groupsOptions>;
