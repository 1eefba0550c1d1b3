import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultFile } from '../../../../coordinator/faults/fault-file';
import type { Fault } from '../../../../coordinator/schemas';
import { type Logger, silentLogger } from '../../../../runtime/logger';

describe('the file of faults', () => {
  let directory: string;
  let path: string;
  let warned: string[];
  const logger: Logger = { ...silentLogger, warn: (text) => void warned.push(text), for: () => logger };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gregor-faults-'));
    path = join(directory, 'faults.json');
    warned = [];
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const fault: Fault = {
    id: 3,
    action: 'kill',
    target: 'broker-1',
    title: 'Kill broker 1',
    startedAtMs: 5,
    endedAtMs: null,
    error: null,
    consequences: [{ kind: 'silent', atMs: 7, afterMs: 2, text: 'Broker 1 no longer answers' }],
  };

  it('gives back what was written, and nothing before', () => {
    expect(faultFile(path, logger).read()).toEqual([]);
    faultFile(path, logger).write([fault]);
    expect(faultFile(path, logger).read()).toEqual([fault]);
    expect(warned).toEqual([]);
  });

  it.each(['{', 'null', '[{"id":1}]', JSON.stringify([{ ...fault, action: 'explode' }])])(
    'begins anew, and says so, where there is something else in it: %s',
    (text) => {
      writeFileSync(path, text);
      expect(faultFile(path, logger).read()).toEqual([]);
      expect(warned).toHaveLength(1);
    },
  );

  it('holds up no fault when it cannot be written', () => {
    faultFile(join(directory, 'absent', 'faults.json'), logger).write([fault]);
    expect(warned).toHaveLength(1);
  });
});
