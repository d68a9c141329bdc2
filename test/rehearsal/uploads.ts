import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Stage } from './stage.ts';

const SAMPLES = fileURLToPath(new URL('../../samples/bronze/', import.meta.url));
const HEADER = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';

function at({ raised }: Stage, key: string): { Bucket: string; Key: string } {
  const prefix = raised.lake.replace(/^s3:\/\/[^/]+\//, '');
  return { Bucket: raised.bucket, Key: `${prefix}/bronze/${key}` };
}

/** Uploads a file to bronze, as a shop's system would. */
export async function upload(stage: Stage, key: string, content: Buffer | string): Promise<void> {
  await stage.s3.send(new PutObjectCommand({ ...at(stage, key), Body: Buffer.from(content) }));
}

export async function withdraw(stage: Stage, key: string): Promise<void> {
  await stage.s3.send(new DeleteObjectCommand(at(stage, key)));
}

/** The sample files, by key. */
export async function samples(): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const entry of await readdir(SAMPLES, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.set(path.slice(SAMPLES.length), await readFile(path));
  }
  return found;
}

/** A file of one purchase, of a customer of its own. */
export const onePurchase = (customer: number, amount: string): string =>
  `${HEADER}\n${customer},Ada,Lovelace ${customer},ada${customer}@example.com,P-${customer},2026-09-30,${amount},AUD\n`;

/**
 * Rows of all outcomes with a word in them that only readers of the lake and the database may see.
 */
export const SECRETIVE = [
  `${HEADER},canary_column`,
  '8003,Canary,Yellow,canary@example.com,CANARY-1,2026-09-30,1.00,AUD,canary',
  '8004,Canary,Red,canary.red@example.com,CANARY-2,2026-09-30,canary,AUD,canary',
  '8005,Canary,Green,canary.green@example.com,CANARY-3,2026-09-30,1.00,CAN,canary',
  'canary,"broken',
  '',
].join('\n');

/** Objects that cannot be read, each for a reason of its own, and keys with special characters. */
export const POISON: [key: string, content: Buffer | string][] = [
  ['2026/10/16/truncated.csv.gz', gzipSync(Buffer.from(onePurchase(7001, '1.00'))).subarray(0, 30)],
  ['2026/10/16/broken.json', '[{"customer_id": 1,'],
  ['2026/10/16/noise.csv', Buffer.from([0xff, 0x00, 0xfe, 0x80, 0x0a, 0x31])],
  ['2026/10/16/bomb.csv.gz', gzipSync(Buffer.alloc(3_000_000, 'a'))],
  ['2026/10/16/other columns.csv', 'a,b\n1,2\n'],
  ['2026/10/16/a+b %41&=ü 購入.csv', onePurchase(7002, '2.50')],
  ['2026/10/16/empty.csv', ''],
];
