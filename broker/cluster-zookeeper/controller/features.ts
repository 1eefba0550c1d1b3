/**
 * Answers UpdateFeatures (KIP-584). A ZooKeeper-mode broker of 3.9 supports no feature at all, so every update is refused;
 * only how it is refused differs. Pure.
 */
import { Errors, type WireError } from '../../../protocol';
import type { UpdateFeaturesRequest } from '../../../protocol/apis';

type FeatureUpdate = UpdateFeaturesRequest['featureUpdates'][number];

const UPGRADE = 1;
const SAFE_DOWNGRADE = 2;
const UNSAFE_DOWNGRADE = 3;

export interface FeatureResult {
  readonly feature: string;
  readonly error: WireError;
  readonly text: string;
}

/** @param version of the request; version 0 has a flag in place of the upgrade type */
export function refuseFeatureUpdates(request: UpdateFeaturesRequest, version: number): FeatureResult[] {
  return request.featureUpdates.map((update) => ({
    feature: update.feature,
    error: Errors.INVALID_REQUEST,
    text: whyNot(update, version),
  }));
}

function whyNot(update: FeatureUpdate, version: number): string {
  const oldType = update.allowDowngrade ? SAFE_DOWNGRADE : UPGRADE;
  const type = version === 0 ? oldType : update.upgradeType;
  if (update.feature === '') return 'Feature name can not be empty.';
  if (type < UPGRADE || type > UNSAFE_DOWNGRADE) return 'Received unknown upgrade type.';
  if (update.maxVersionLevel < 1) {
    if (type !== UPGRADE) return 'Can not delete non-existing finalized feature.';
    return `Can not provide versionLevel: ${update.maxVersionLevel} less than 1 without setting the SAFE downgradeType in the request.`;
  }
  return 'Could not apply finalized feature update because the provided feature is not supported.';
}
