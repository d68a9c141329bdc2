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
 * Counts a template's resources by type, those that are billed while they exist first. `stays`
 * counts the resources that outlive the stack.
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
  'while there': 'Billed while it exists',
  'by use': 'Billed by use',
  unknown: 'May be billed',
  no: 'Free',
};

/** Formats the counts for people. */
export function stackText(name: string, counted: readonly Counted[]): string {
  const sections = (['while there', 'by use', 'unknown', 'no'] as const).flatMap((paid) => {
    const kinds = counted.filter((each) => each.paid === paid);
    if (kinds.length === 0) return [];
    const rows = kinds.map(({ count, what, stays }) => [
      String(count),
      what,
      stays === 0 ? '' : 'kept when the stack is deleted',
    ]);
    return [table(['', HEADINGS[paid], ''], rows, ['right'])];
  });
  const all = counted.reduce((sum, { count }) => sum + count, 0);
  return [
    `The stack ${name} would have ${all} resources. Nothing was created.`,
    ...sections,
    'Estimate the cost of a month: purchases cost --rows-per-day N. Create the stack: purchases deploy.',
  ].join('\n\n');
}
