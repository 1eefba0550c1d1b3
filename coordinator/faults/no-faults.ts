/** Where no faults can be made: says why, and how they could be. */
import { ApiError } from '../http/api-error';
import type { Faults } from '../parts';
import type { FaultsView } from '../schemas';

export class NoFaults implements Faults {
  constructor(private readonly note: string) {}

  view(): Promise<FaultsView> {
    return Promise.resolve({ enabled: false, control: 'none', note: this.note, targets: [], faults: [] });
  }

  perform(): Promise<never> {
    return Promise.reject(new ApiError(403, 'FAULTS_DISABLED', this.note));
  }

  active(): number {
    return 0;
  }
}
