import { GlueClient } from '@aws-sdk/client-glue';
import { glueCatalog } from '../../src/catalog/glue/catalog.ts';
import { COMMITS, seqOfKey } from '../../src/lake/layout.ts';
import type { Store } from '../../src/lake/ports/store.ts';
import { s3Store } from '../../src/stores/s3/s3.ts';
import type { Stage } from './stage.ts';

/** The lake of the stage, as this process sees it. */
export const lakeOf = ({ cloud, raised }: Stage): Store =>
  s3Store(raised.lake, { scratchBytes: 0, random: Math.random, client: cloud.client });

/** Seq of the newest commit, and of the commit that readers of the Glue Data Catalog see. */
export async function heads(stage: Stage): Promise<{ ledger: number; catalog: number | null }> {
  const store = lakeOf(stage);
  let ledger = 0;
  for await (const { key } of store.list(COMMITS)) ledger = Math.max(ledger, seqOfKey(key));
  const { lake: location, catalog: database } = stage.raised;
  const client = new GlueClient(stage.cloud.client);
  return { ledger, catalog: await glueCatalog({ client, database, location, store }).seq() };
}
