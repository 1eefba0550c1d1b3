/** The processes of this machine, with their command lines: what kafka-server-stop, zookeeper-server-stop and coordinator-stop look through. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ListedProcess {
  pid: number;
  commandLine: string;
}

export type ServerKind = 'broker' | 'zookeeper' | 'coordinator';

/** The program comes first, perhaps in quotes: a shell or an editor that names the same file is not a server. */
const patternOf: Record<ServerKind, RegExp> = {
  broker: /^(?:"[^"]*[/\\]|\S*[/\\])?node(?:\.exe)?"? .*dist[/\\]broker[/\\]main\.js/,
  coordinator: /^(?:"[^"]*[/\\]|\S*[/\\])?node(?:\.exe)?"? .*dist[/\\]coordinator[/\\]main\.js/,
  zookeeper: /^(?:"[^"]*[/\\]|\S*[/\\])?java(?:\.exe)?"? .*\.QuorumPeerMain(?: |$)/,
};

/** The servers of one kind among `processes`: brokers or coordinators of Gregor, or any ZooKeeper. */
export function serversAmong(processes: readonly ListedProcess[], kind: ServerKind): ListedProcess[] {
  return processes.filter(({ commandLine }) => patternOf[kind].test(commandLine));
}

/** From /proc on Linux, where images often hold no `ps`; else from `ps`, or PowerShell on Windows. */
export async function listProcesses(): Promise<ListedProcess[]> {
  if (process.platform === 'linux') return fromProc();
  const [program, args] =
    process.platform === 'win32'
      ? [
          'powershell',
          ['-NoProfile', '-Command', 'Get-CimInstance Win32_Process | % { "$($_.ProcessId) $($_.CommandLine)" }'],
        ]
      : ['ps', ['ax', '-ww', '-o', 'pid=,command=']];
  const { stdout } = await run(program as string, args as string[], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(.*?)\s*$/.exec(line);
    return match ? [{ pid: Number(match[1]), commandLine: match[2] as string }] : [];
  });
}

function fromProc(): ListedProcess[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      return [{ pid: Number(entry), commandLine: words.join(' ').trim() }];
    } catch {
      return []; // ended meanwhile
    }
  });
}
