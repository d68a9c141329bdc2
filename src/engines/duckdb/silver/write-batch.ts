import { createHash } from 'node:crypto';

import { quarantineKey, silverKey } from '../../../lake/layout.ts';
import type { BronzeResult } from '../../../lake/ports/engine.ts';
import type { RowsContext } from '../../../medallion/bronze-to-silver.ts';
import type { BatchContext, BatchRows } from '../bronze/rows.ts';
import { FORMAT } from '../parquet.ts';
import {
  acceptedOf,
  counted,
  type Counts,
  countQuarantine,
  countSilver,
  noCounts,
} from './counts.ts';
import { asEnums, cleaningOf, rowsRead, silverOf } from './accepted-rows.ts';
import { type DayFile, pathsOf, storeDayFiles, writeLayer } from './day-files.ts';
import { lackedOlderRates } from './rates.ts';
import { rejectedRowsOf } from './rejected-rows.ts';

/**
 * Writes one batch's silver and quarantine files, one of each for each day, and counts their rows.
 * The fast path streams lines of a large batch from bronze to Parquet in one pass; all other rows
 * are validated once for both files. The batch is read again only for rows missing from silver.
 */
export async function writeBatch(step: BatchContext, batch: BatchRows): Promise<BronzeResult> {
  const { session, task } = step;
  const context: RowsContext = { ...batch.context, timeZone: task.timeZone };
  const digest = batchDigest(step, batch);
  let layers = await writeLayers(step, context, batch, digest);
  // Only accepted rows that delete may lack a rate.
  const accepted = context.source.deletes.length > 0 ? layers.silver : [];
  if (await lackedOlderRates(session, task.rates, pathsOf([...layers.quarantine, ...accepted])))
    layers = await writeLayers(step, context, batch, digest);
  const quarantine = await storeDayFiles(step, layers.quarantine, (day) =>
    quarantineKey(day, digest),
  );
  const silver = await storeDayFiles(step, layers.silver, (day) => silverKey(day, digest));
  return {
    objects: batch.records.map((record, index) =>
      counted(record, batch.read[index] ?? 0, layers.counts.get(record.key), {
        silver: silver.get(record.ingestion_date)?.key,
        quarantine: quarantine.get(record.ingestion_date)?.key,
      }),
    ),
    files: [...quarantine.values(), ...silver.values()],
  };
}

async function writeLayers(
  step: BatchContext,
  context: RowsContext,
  batch: BatchRows,
  digest: string,
): Promise<{ silver: DayFile[]; quarantine: DayFile[]; counts: Counts }> {
  const { session } = step;
  const cleaning = await cleaningOf(step, context, batch);
  const counts = noCounts(batch.records);
  const good = await silverOf(session, context, batch, cleaning);
  const silver = await writeLayer(step, context, `silver-${digest}`, asEnums(batch, good.silver));
  await countSilver(session, pathsOf(silver), counts);
  const missing = rowsRead(batch) - acceptedOf(counts);
  const quarantine =
    missing === 0
      ? []
      : await writeLayer(
          step,
          context,
          `quarantine-${digest}`,
          await rejectedRowsOf(step, context, batch, cleaning, {
            silver,
            missing,
            others: good.others,
          }),
        );
  if (good.others !== undefined) await session.run(`drop table ${good.others}`);
  await countQuarantine(session, pathsOf(quarantine), counts);
  return { silver, quarantine, counts };
}

/** Incremented whenever the same rows are written as different bytes or in a different order. */
const WRITER_VERSION = 2;

/** Digest of all inputs of the rows: a repeated step writes the same bytes to the same keys. */
function batchDigest({ task, engine }: BatchContext, batch: BatchRows): string {
  const inputs = batch.records.map(
    ({ key, modified, sha256, rules, ingestion_date, ...record }) => [
      key,
      modified,
      sha256,
      rules,
      ingestion_date,
      // Erased rows count towards the limit of rejected rows of the object.
      ...(record.rows.erased === undefined
        ? []
        : [record.rows.erased, record.erased_rejected ?? 0]),
    ],
  );
  return createHash('sha256')
    .update(JSON.stringify([engine, FORMAT, WRITER_VERSION, task.rates.digest, inputs]))
    .digest('hex')
    .slice(0, 32);
}
