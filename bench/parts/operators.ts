/** One operator of a plan, as in DuckDB's JSON profile. */
export type Operator = {
  operator_type: string;
  operator_name: string;
  operator_timing: number;
  children: readonly Operator[];
};

/**
 * DuckDB's profile of one statement. All times are in seconds; `cpu_time` is the sum over its
 * operators.
 */
export type Statement = {
  latency: number;
  cpu_time: number;
  planner: number;
  all_optimizers: number;
  physical_planner: number;
  children: readonly Operator[];
};

export const PLANNING = 'planning';
export const NO_OPERATOR = 'in no operator';

/**
 * Seconds by kind of operator, summed over all threads, plus planning time and the time spent in no
 * operator.
 */
export function secondsByOperator(statements: readonly Statement[]): Record<string, number> {
  const seconds: Record<string, number> = {};
  const add = (what: string, value: number): void => {
    seconds[what] = (seconds[what] ?? 0) + value;
  };
  const addOperator = (operator: Operator): void => {
    add(kindOf(operator), operator.operator_timing);
    operator.children.forEach(addOperator);
  };
  for (const statement of statements) {
    const planning = statement.planner + statement.all_optimizers + statement.physical_planner;
    statement.children.forEach(addOperator);
    add(PLANNING, planning);
    // A lower bound: while one thread is in no operator, another may be in one.
    add(NO_OPERATOR, Math.max(0, statement.latency - planning - statement.cpu_time));
  }
  return seconds;
}

const SCANS: Record<string, string> = {
  READ_CSV: 'scan of CSV',
  READ_PARQUET: 'scan of Parquet',
  SEQ_SCAN: 'scan of a table',
};

/** DuckDB chooses among variants of an operator by the data; they count as one kind. */
const kindOf = ({ operator_type: type, operator_name: name }: Operator): string =>
  type === 'TABLE_SCAN'
    ? (SCANS[name.trim()] ?? `scan of ${name.trim().toLowerCase()}`)
    : type
        .replace(/^(?:BATCH|PERFECT|STREAMING)_/, '')
        .toLowerCase()
        .replaceAll('_', ' ');
