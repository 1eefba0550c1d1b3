/** Where faults are kept for the next start of the coordinator: one file with the list as it is shown. */
import { Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { systemDisk } from '../../runtime/disk';
import type { Logger } from '../../runtime/logger';
import { withoutNames } from '../http/validate';
import { Fault } from '../schemas';

export interface FaultMemory {
  /** The faults of earlier runs, the oldest first. */
  read(): Fault[];
  write(faults: readonly Fault[]): void;
}

const isFaultList = new Ajv({ allowUnionTypes: true }).compile<Fault[]>(withoutNames(Type.Array(Fault)));

/** What cannot be read counts as nothing, what cannot be written is logged: faults are made without it, too. */
export function faultFile(path: string, logger: Logger): FaultMemory {
  return {
    read() {
      try {
        const kept: unknown = JSON.parse(systemDisk.readFile(path)?.toString() ?? '[]');
        if (isFaultList(kept)) return kept;
        logger.warn(`${path} holds no list of faults; beginning a new one`);
      } catch (error) {
        logger.warn(`The faults kept in ${path} could not be read; beginning a new list`, error);
      }
      return [];
    },
    write(faults) {
      try {
        systemDisk.replaceFile(path, JSON.stringify(faults));
      } catch (error) {
        logger.warn(`The faults could not be kept in ${path}`, error);
      }
    },
  };
}
