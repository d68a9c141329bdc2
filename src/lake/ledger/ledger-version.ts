import { LakeTooNew } from '../../errors.ts';
import { RULES_VERSION } from '../settings.ts';

/**
 * The format of commits and checkpoints that this code reads and writes. Old checkpoints do not
 * record it.
 */
export const LEDGER_FORMAT = 1;

/**
 * The versions recorded in a commit or checkpoint. Ledgers of rules up to version 3 do not record
 * `rules_version`.
 */
export type WrittenBy = { format?: number; rules_version?: number };

/**
 * Error: `LakeTooNew` where a later version of this code wrote a ledger object, whose format may be
 * unknown to this version.
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

/** Formats a lake's rules version: all of its objects were read by that of its newest commit. */
export const rulesVersionText = (version: number | undefined): string =>
  version === undefined ? 'version 3 or older' : `version ${version}`;
