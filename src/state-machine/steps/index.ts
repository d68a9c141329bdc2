import type { Steps } from '../run-state.ts';
import { bronzeToSilverStep } from './bronze-to-silver.ts';
import { commitStep } from './commit.ts';
import type { StepDeps } from './deps.ts';
import { goldToRdsTaskStep } from './gold-to-rds-task.ts';
import { goldToRdsStep } from './gold-to-rds.ts';
import { notifyFailureStep } from './notify-failure.ts';
import { planStep } from './plan.ts';
import { publishStep } from './publish.ts';
import { silverToGoldTaskStep } from './silver-to-gold-task.ts';
import { silverToGoldStep } from './silver-to-gold.ts';
import { upsertSyncStep } from './upsert-sync.ts';

/** The function of every state, over the same ports. */
export const createSteps = (deps: StepDeps): Steps => ({
  Plan: planStep(deps),
  BronzeToSilver: bronzeToSilverStep(deps),
  SilverToGold: silverToGoldStep(deps),
  SilverToGoldTask: silverToGoldTaskStep(deps),
  Commit: commitStep(deps),
  Publish: publishStep(deps),
  GoldToRds: goldToRdsStep(deps),
  GoldToRdsTask: goldToRdsTaskStep(deps),
  UpsertSync: upsertSyncStep(deps),
  NotifyFailure: notifyFailureStep(),
});
