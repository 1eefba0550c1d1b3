import { parseInvocation } from '../../../../cli/zookeeper-shell';
import { zookeeperShell } from '../../../../cli/zookeeper-shell';
import { prepare, treeCommands, type TreeCommand } from '../../../../cli/shell/commands';
import { runOurs } from '../../../support/run-command';

describe('the command line of zookeeper-shell', () => {
  it('is the server, options, and then the words of one command', () => {
    expect(parseInvocation(['localhost:2181/kafka', '-timeout', '3000', 'ls', '-R', '/'])).toEqual({
      server: 'localhost:2181/kafka',
      sessionTimeoutMs: 3000,
      waitMs: 3000,
      words: ['ls', '-R', '/'],
    });
  });

  it('waits five seconds for a server, or as long as a session lasts if asked to', () => {
    expect(parseInvocation(['a:1']).waitMs).toBe(5_000);
    expect(parseInvocation(['-server', 'a:1', '-waitforconnection', 'ls', '/']).waitMs).toBe(30_000);
  });

  it('explains itself when nothing is given', async () => {
    const { code, stderr } = await runOurs(zookeeperShell, []);
    expect(code).toBe(1);
    expect(stderr).toContain('USAGE: zookeeper-shell.sh zookeeper_host:port[/path]');
  });

  it.each([
    [['a:1', '-timeout', 'soon'], '-timeout needs a number of milliseconds'],
    [['a:1', '-tls'], 'Unknown option -tls'],
    [['a:1', '-zk-tls-config-file', 'f'], 'not supported so far'],
  ])('%j is refused', async (args, problem) => {
    const { code, stderr } = await runOurs(zookeeperShell, args);
    expect(code).toBe(1);
    expect(stderr).toContain(problem);
  });
});

describe('a command of the shell', () => {
  const check = (line: string) => (): void => {
    const [name = '', ...args] = line.split(' ');
    prepare(name, treeCommands[name] as TreeCommand, args);
  };

  it.each([
    ['ls', 'ls [-s] [-w] [-R] path'],
    ['set /a', 'set [-s] [-v version] path data'],
    ['delete', 'delete [-v version] path'],
    ['create -t 5 /a', 'time to live'],
    ['create -c /a', 'Container nodes'],
    ['create /a b c d', 'Data of several words stands in quotes'],
    ['create /a b world:anyone:r', 'An ACL other than world:anyone:cdrwa cannot be set here'],
  ])('%s tells how it is used, before anything is sent', (line, problem) => {
    expect(check(line)).toThrow(problem);
  });

  it.each(['create -s /a/', 'create /a b world:anyone:cdrwa', 'getEphemerals', 'deleteall /a -b 5'])(
    '%s is complete',
    (line) => {
      expect(check(line)).not.toThrow();
    },
  );
});
