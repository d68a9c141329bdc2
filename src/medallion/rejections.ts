import type { Rejection } from './fields/field.ts';
import { FIELDS, FIELDS_BY_CLEANING, FIELDS_BY_REASON } from './fields/fields.ts';
import { purchaseId } from './fields/purchase-id.ts';
import type { Dialect } from './sql/dialect.ts';
import type { Source } from './source.ts';
import { mergeStages, type Stage } from './sql/stages.ts';
import { literal } from './sql/text.ts';

/** The cleanups of all fields, in the order in which the column `repairs` lists them. */
const CLEANUPS = FIELDS_BY_CLEANING.flatMap(({ cleanups }) => cleanups ?? []);

/** Every value of the column `repairs`: each set of cleanups, joined by commas. */
export const REPAIRS_VALUES: readonly string[] = CLEANUPS.reduce<string[][]>(
  (sets, { name }) => [...sets, ...sets.map((set) => [...set, name])],
  [[]],
).map((set) => set.join(','));

/**
 * The stages that convert the amount and list every reason to reject a row, joined by commas in the
 * order of `ROW_REASONS`. A good row, by far the most common, is decided by null checks alone. A
 * row that deletes needs only its purchase_id.
 */
export function reasonsStages(dialect: Dialect, source: Source): Stage[] {
  const accepted = FIELDS_BY_REASON.flatMap((field) => field.accepted?.(source) ?? []);
  const withoutId = purchaseId.rejections.flatMap(({ firstOf }) => firstOf.map(rejected));
  return [
    ...mergeStages([...FIELDS.map((field) => field.checks?.(dialect) ?? []), cleanupStages()]),
    [
      [
        'row_reasons',
        `case when ${[...accepted, 'not malformed'].join(' and ')} then ''
    when malformed then 'row_malformed'
    when deletes then case ${withoutId.join(' ')} else '' end
    else ${allReasons(source)} end`,
      ],
    ],
  ];
}

function cleanupStages(): Stage[] {
  const any = CLEANUPS.map(({ flag }) => flag).join(' or ');
  const listed = CLEANUPS.map(({ flag, name }) => `case when ${flag} then '${name}' end`);
  return [
    CLEANUPS.map(({ flag, when }) => [flag, when]),
    [['repairs', `case when ${any} then concat_ws(',', ${listed.join(', ')}) else '' end`]],
  ];
}

const rejected = ({ reason, when }: Rejection): string => `when ${when} then '${reason}'`;

function allReasons(source: Source): string {
  const groups = FIELDS_BY_REASON.flatMap(({ rejections }) => rejections).filter(
    ({ appliesTo }) => appliesTo?.(source) ?? true,
  );
  const cases = groups.map(({ firstOf }) => {
    const whens = firstOf.map(rejected);
    return `case ${[whens.slice(0, 2).join(' '), ...whens.slice(2)].join('\n      ')} end`;
  });
  return `concat_ws(',',\n    ${cases.join(',\n    ')})`;
}

/**
 * The reasons of rows with `row_reasons`. An object with too many rejected rows is rejected as a
 * whole: its good rows get that reason alone.
 */
export function withWholeObjects(rejectedObjects: readonly string[]): string {
  if (rejectedObjects.length === 0) return 'row_reasons';
  const keys = rejectedObjects.map(literal).join(', ');
  return `case when object_key in (${keys}) then concat_ws(',', nullif(row_reasons, ''), 'too_many_refused') else row_reasons end`;
}
