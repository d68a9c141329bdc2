import { table } from '../terminal/table.ts';
import { KINDS, type Paid } from './kinds.ts';

export type StackTemplate = {
  Resources: Record<string, { Type: string; DeletionPolicy?: string }>;
};
export type Counted = {
  type: string;
  what: string;
  count: number;
  paid: Paid | 'unknown';
  stays: number;
};

/**
 * What a template would make, a kind a line; what costs money while it is there comes first.
 * `stays` counts what outlives the stack.
 */
export function countKinds({ Resources }: StackTemplate): Counted[] {
  const counted = new Map<string, Counted>();
  for (const { Type, DeletionPolicy } of Object.values(Resources)) {
    const { count, stays } = counted.get(Type) ?? { count: 0, stays: 0 };
    const kind = KINDS[Type];
    const kept = DeletionPolicy === 'Retain' || DeletionPolicy === 'Snapshot' ? 1 : 0;
    counted.set(Type, {
      type: Type,
      what: (count === 0 ? kind?.one : kind?.many) ?? Type,
      count: count + 1,
      paid: kind?.paid ?? 'unknown',
      stays: stays + kept,
    });
  }
  const order = ['while there', 'by use', 'unknown', 'no'];
  return [...counted.values()].toSorted(
    (a, b) => order.indexOf(a.paid) - order.indexOf(b.paid) || b.count - a.count,
  );
}

const HEADINGS: Record<Counted['paid'], string> = {
  'while there': 'Costs money for as long as it is there',
  'by use': 'Costs money by what is done with it',
  unknown: 'May cost money',
  no: 'Costs nothing by itself',
};

/** The same for people. */
export function stackText(name: string, counted: readonly Counted[]): string {
  const sections = (['while there', 'by use', 'unknown', 'no'] as const).flatMap((paid) => {
    const kinds = counted.filter((each) => each.paid === paid);
    if (kinds.length === 0) return [];
    const rows = kinds.map(({ count, what, stays }) => [
      String(count),
      what,
      stays === 0 ? '' : 'stays when the stack is removed',
    ]);
    return [table(['', HEADINGS[paid], ''], rows, ['right'])];
  });
  const all = counted.reduce((sum, { count }) => sum + count, 0);
  return [
    `The stack ${name} would have ${all} resources. Nothing was created.`,
    ...sections,
    'What a month costs: purchases cost --rows-per-day N. To create it: purchases deploy.',
  ].join('\n\n');
}
