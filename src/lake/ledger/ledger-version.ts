import { LakeTooNew } from '../../errors.ts';
import { RULES_VERSION } from '../settings.ts';

/**
 * The layout of commits and checkpoints that this code reads and writes; checkpoints of old say
 * nothing of it.
 */
export const LEDGER_FORMAT = 1;

/**
 * What a commit or a checkpoint says of the code that wrote it. Ledgers that rules up to version 3
 * wrote say nothing of their rules.
 */
export type WrittenBy = { format?: number; rules_version?: number };

/**
 * Error: `LakeTooNew` where a later version of this code wrote a ledger object, which may mean what
 * this one cannot know.
 */
export function mustBeKnown(key: string, { format, rules_version }: WrittenBy): void {
  const by =
    format !== undefined && format > LEDGER_FORMAT
      ? `in format ${format}, and this version of purchases knows ${LEDGER_FORMAT}`
      : rules_version !== undefined && rules_version > RULES_VERSION
        ? `by rules version ${rules_version}, and this version of purchases has ${RULES_VERSION}`
        : undefined;
  if (by === undefined) return;
  throw new LakeTooNew(
    `The lake was made by a newer version of purchases: ${key} is written ${by}.`,
    {
      hint: 'Upgrade purchases (npm install customer-purchases-pipeline@latest) and run the command again; nothing was changed.',
    },
  );
}

/** The rules that made a lake: every object in it is made by those of its newest commit. */
export const rulesVersionText = (version: number | undefined): string =>
  version === undefined ? 'version 3 or older' : `version ${version}`;
