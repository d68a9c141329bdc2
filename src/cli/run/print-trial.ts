import type { Trial } from '../../lake/run/try-rows.ts';
import { grouped, printable, table } from '../terminal/table.ts';

const SHOWN = 20;

/** Compares the row counts before and after: in total, by reason, and by object that differs. */
export function trialText({ before, after, objects }: Trial): string {
  const reasons = [...new Set([...Object.keys(before.reasons), ...Object.keys(after.reasons)])];
  const line = (name: string, was: number, is: number): string[] => [
    name,
    grouped(was),
    grouped(is),
    was === is ? '' : is > was ? `+${grouped(is - was)}` : `-${grouped(was - is)}`,
  ];
  const changed = objects.filter(
    ({ before: was, after: is }) => was.quarantined !== is.quarantined,
  );
  const whole = objects.filter(({ message }) => message !== null);
  return [
    'Rows under the current rules and rates (nothing was written):',
    table(
      ['', 'before', 'after', 'change'],
      [
        line('rows read', before.read, after.read),
        line('not rejected', before.good, after.good),
        line('rejected', before.quarantined, after.quarantined),
        ...(before.erased + after.erased > 0 ? [line('erased', before.erased, after.erased)] : []),
        line('objects rejected whole', before.refused, after.refused),
        ...reasons.map((code) =>
          line(`  ${code}`, before.reasons[code] ?? 0, after.reasons[code] ?? 0),
        ),
      ],
      ['left', 'right', 'right', 'right'],
    ),
    ...(changed.length === 0
      ? []
      : [
          '',
          table(
            ['object', 'rejected before', 'after'],
            changed
              .slice(0, SHOWN)
              .map(({ key, before: was, after: is }) => [
                key,
                grouped(was.quarantined),
                grouped(is.quarantined),
              ]),
            ['left', 'right', 'right'],
          ),
        ]),
    ...whole
      .slice(0, SHOWN)
      .map(
        ({ key, message }) =>
          `${printable(key)} would be rejected whole: ${printable(message ?? '')}`,
      ),
  ].join('\n');
}
