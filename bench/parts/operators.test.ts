import { expect, test } from 'vitest';
import { type Operator, secondsByOperator, type Statement } from './operators.ts';

const operator = (type: string, timing: number, ...children: Operator[]): Operator => ({
  operator_type: type,
  operator_name: type,
  operator_timing: timing,
  children,
});
const scan = (name: string, timing: number): Operator => ({
  ...operator('TABLE_SCAN', timing),
  operator_name: name,
});
const statement = (latency: number, cpu: number, ...children: Operator[]): Statement => ({
  latency,
  cpu_time: cpu,
  planner: 0.25,
  all_optimizers: 0.125,
  physical_planner: 0.125,
  children,
});

test('variants of an operator are one kind, and scans are split by what they read', () => {
  const join = operator('HASH_JOIN', 1, scan('READ_CSV', 2), scan('READ_PARQUET ', 4));
  const plans = [
    statement(7.5, 7, join),
    statement(4, 3, operator('BATCH_COPY_TO_FILE', 1, scan('RANGE', 2))),
    statement(5, 8, operator('COPY_TO_FILE', 4, scan('SEQ_SCAN', 4))),
  ];
  expect(secondsByOperator(plans)).toEqual({
    'hash join': 1,
    'scan of CSV': 2,
    'scan of Parquet': 4,
    'copy to file': 5,
    'scan of range': 2,
    'scan of a table': 4,
    planning: 1.5,
    'in no operator': 0.5,
  });
});
