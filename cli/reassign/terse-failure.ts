/** A failure of kafka-reassign-partitions that is told in its own words alone, without "Error: " before them. */
import { CommandError } from '../command';

export class TerseFailure extends CommandError {}
