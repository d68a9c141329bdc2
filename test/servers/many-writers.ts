import { setTimeout } from 'node:timers/promises';
import {
  customer,
  loadCsv,
  loadOf,
  pieces,
  vanished,
  type LoadRow,
} from '../../src/lake/ports/warehouse-load-rows.ts';
import { dumped, MAIN } from '../../src/lake/ports/warehouse-fixture.ts';
import type { Warehouse } from '../../src/lake/ports/warehouse.ts';
import type { TestSession } from './process.ts';

/** Gold of a seq: its customers, with their totals. */
type Gold = Map<number, string>;

const CUSTOMERS = 200;

/** The gold of a seq: each seq changes some customers, drops some and brings some back. */
function goldOf(seq: number): Gold {
  const gold: Gold = new Map();
  for (let id = 1; id <= CUSTOMERS; id++)
    if ((id * 7 + seq) % 13 !== 0) gold.set(id, `${Math.floor((seq + id) / 5)}.${10 + (id % 90)}`);
  return gold;
}

function difference(from: Gold, to: Gold): LoadRow[] {
  const changed = [...to].filter(([id, total]) => from.get(id) !== total);
  const gone = [...from.keys()].filter((id) => !to.has(id));
  return [...changed.map(([id, total]) => customer(id, total)), ...gone.map(vanished)];
}

export type Race = { gold: string[]; appliedTwice: number[]; summary: string };

/**
 * Concurrent writers, each of which takes the table from its current seq to the next or one of the
 * two after it, `loads` times, while another session locks rows in the opposite order. The results
 * must add up.
 */
export async function raceWriters(given: {
  open: () => Warehouse;
  chaos: TestSession;
  writers: number;
  loads: number;
}): Promise<Race> {
  const seqs: number[] = [];
  const outcomes: Record<string, number> = { applied: 0, already: 0, stale: 0, incomplete: 0 };
  const write = async (writer: number): Promise<void> => {
    const warehouse = given.open();
    for (let n = 0; n < given.loads; n++) {
      const from = (await warehouse.state()).sync?.seq ?? null;
      const toSeq = (from ?? 0) + 1 + (writer % 3);
      const rows = difference(from === null ? new Map() : goldOf(from), goldOf(toSeq));
      const load = loadOf(rows, {
        loadId: `writer-${writer}-${n}`,
        fromSeq: from,
        toSeq,
        commit: `c${toSeq}`,
        rows: rows.length,
      });
      await warehouse.stage(load, pieces(loadCsv(rows), 4096));
      const { outcome } = await warehouse.upsert(load);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (outcome === 'applied') seqs.push(toSeq);
    }
  };
  const start = performance.now();
  const stop = disturb(given.chaos);
  await Promise.all(Array.from({ length: given.writers }, (_, writer) => write(writer)));
  const disturbed = await stop();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const gold = [...goldOf(Math.max(...seqs))].map(([id, total]) => customer(id, total));
  return {
    gold: dumped(gold),
    appliedTwice: seqs.filter((seq, i) => seqs.indexOf(seq) !== i),
    summary: `${given.writers} writers x ${given.loads} loads in ${seconds} s, ${JSON.stringify(outcomes)}, ${disturbed.locked} locked against the grain, ${disturbed.deadlocks} deadlocks given way`,
  };
}

/** Locks two customers in descending order again and again, and changes nothing. */
function disturb(session: TestSession): () => Promise<{ locked: number; deadlocks: number }> {
  const stopping = new AbortController();
  const counts = { locked: 0, deadlocks: 0 };
  const lock = (id: number): Promise<unknown> =>
    session.sql(`SELECT customer_id FROM ${MAIN} WHERE customer_id = ${id} FOR UPDATE`);
  const work = async (): Promise<void> => {
    for (let i = 0; !stopping.signal.aborted; i++) {
      try {
        await session.sql('BEGIN');
        await lock(CUSTOMERS - (i % 50));
        await setTimeout(5);
        await lock(1 + (i % 50));
        counts.locked++;
      } catch {
        counts.deadlocks++;
      }
      await session.sql('ROLLBACK');
      await setTimeout(20);
    }
  };
  const done = work();
  return async () => {
    stopping.abort();
    await done;
    return counts;
  };
}
