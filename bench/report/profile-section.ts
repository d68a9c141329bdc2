import { NO_OPERATOR, PLANNING } from '../parts/operators.ts';
import type { Profile, StateProfile } from '../parts/profile.ts';
import { count, markdownTable, median, percent, seconds } from './words.ts';

/** Kinds of operators that get a row of their own. */
const SHOWN = 10;

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
const of = (what: string, { operators }: StateProfile): number => operators[what] ?? 0;
const total = ({ operators }: StateProfile): number => sum(Object.values(operators));

/**
 * One row per kind of operator, the costliest first, one column per state; below them the share of
 * the state's time on `cores` cores that DuckDB accounts for.
 */
export function profileTable({ states }: Profile, cores: number): string {
  const cost = (kind: string): number => sum(states.map((state) => of(kind, state)));
  const kinds = [...new Set(states.flatMap(({ operators }) => Object.keys(operators)))]
    .filter((kind) => kind !== PLANNING && kind !== NO_OPERATOR)
    .toSorted((a, b) => cost(b) - cost(a));
  const [shown, others] = [kinds.slice(0, SHOWN), kinds.slice(SHOWN)];
  const row = (head: string, cell: (state: StateProfile) => string): string[] => [
    head,
    ...states.map(cell),
  ];
  const rowOf = (head: string, all: readonly string[]): string[] =>
    row(head, (state) => sum(all.map((kind) => of(kind, state))).toFixed(2));
  return markdownTable(
    ['operator, s', ...states.map(({ state }) => state)],
    [
      ...shown.map((kind) => rowOf(kind, [kind])),
      ...(others.length === 0 ? [] : [rowOf('other', others)]),
      rowOf(PLANNING, [PLANNING]),
      rowOf(NO_OPERATOR, [NO_OPERATOR]),
      row('**all of DuckDB**', (state) => total(state).toFixed(2)),
      row('the state by the clock', ({ wall }) => wall.toFixed(2)),
      row(`DuckDB's share of ${count(cores)} cores`, (state) =>
        percent(total(state) / (state.wall * cores)),
      ),
    ],
  );
}

/** How to read the table, and the cost of profiling. */
export function profileWords({ states, plain, profiled }: Profile): string {
  const [alone, withProfiles] = [median(plain), median(profiled)];
  const slower = withProfiles / alone - 1;
  const statements = sum(states.map((state) => state.statements));
  return [
    `Seconds that all threads together were in each kind of operator, by the clock, from DuckDB's own profiles of the ${count(statements)} statements of a full run, which \`purchases run --profiles FOLDER\` keeps.`,
    `"${capital(NO_OPERATOR)}" is what statements took, at least, beyond their operators and planning: mostly the encoding of Parquet, which DuckDB times neither where several threads write a file nor at its end.`,
    "The rest of a state's time is this product's own JavaScript, which hashes files and counts their rows, and cores that wait; states that are not shown do not use DuckDB.",
    `With profiles the run took ${seconds(withProfiles)} s, without them ${seconds(alone)} s (${slower < 0 ? '' : '+'}${percent(slower)}).`,
  ].join(' ');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
