import { rm } from 'node:fs/promises';

import type { Config } from '../../config/config.ts';
import { duckdbCustomerIndex } from '../../engines/duckdb/read/customer-index.ts';
import {
  customerHistory,
  type Cause,
  type History,
  type HistoryEntry,
} from '../../lake/customer/history.ts';
import { coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { temporaryFolder } from '../wiring/scratch.ts';
import { stopOnSignals } from '../terminal/signals.ts';
import { printable } from '../terminal/table.ts';
import { MEMORY_LIMIT, openStore } from '../wiring/wiring.ts';

/** Reads the history of a customer. The lake is not locked, since nothing is written. */
export async function historyOf(io: Io, config: Config, customer: number): Promise<History> {
  const scratch = await temporaryFolder('history');
  using stop = stopOnSignals(io);
  try {
    const work = { store: await openStore(config), scratch, signal: stop.signal, onProgress() {} };
    return await customerHistory(
      work,
      duckdbCustomerIndex({ memoryLimit: MEMORY_LIMIT }),
      customer,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export function historyText(io: Io, { customer, entries, commits, forgotten }: History): string {
  const colours = coloursFor(io, io.stdout);
  const vacuumed =
    forgotten === 0
      ? []
      : [
          `The gold of ${forgotten} of ${commits} commits was vacuumed: their changes show at the next commit.`,
        ];
  if (entries.length === 0)
    return [`Gold never had a row for customer ${customer}.`, ...vacuumed].join('\n');
  return [
    ...entries.map((entry) => entryText(entry, colours.bold(`seq ${entry.seq}`))),
    ...vacuumed,
  ].join('\n');
}

function entryText(
  { committed_at, gold_day, row, changes, causes }: HistoryEntry,
  head: string,
): string {
  const isFirst = changes.every(({ before }) => before === null);
  const what = row === null ? 'row removed' : isFirst ? 'first row' : 'changed';
  const shown = row === null ? [] : changes;
  return [
    `${head}  ${committed_at}  gold of ${gold_day ?? 'no day'}: ${what}`,
    ...shown.map(({ column, before, after }) =>
      isFirst
        ? `  ${column}: ${printable(after ?? '-')}`
        : `  ${column}: ${printable(before ?? '-')} -> ${printable(after ?? '-')}`,
    ),
    ...causes.map((cause) => `  ${causeText(cause)}`),
  ].join('\n');
}

const causeText = ({ object, change, seq, sure }: Cause): string =>
  `${sure ? 'because' : 'perhaps because'} ${printable(object)} was ${change} (seq ${seq})${sure ? '' : '; its earlier rows were vacuumed'}`;
