import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';

const PIECE_ROWS = 10_000;
/** One row in every so many is rejected, and one repeats the row before it. */
const ODD_EVERY = 1_000;

export type Large = { rows: number; rejected: number; duplicate: number };
export type Style = 'plain' | 'quoted' | 'ndjson';

const HEADER = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency\n';

/** Writes about so many bytes of purchases and returns their expected outcome. */
export async function writeLarge(path: string, style: Style, bytes: number): Promise<Large> {
  const counts: Large = { rows: 0, rejected: 0, duplicate: 0 };
  function* pieces(): Generator<string> {
    let written = 0;
    if (style !== 'ndjson') yield HEADER;
    while (written < bytes) {
      let piece = '';
      for (let row = 0; row < PIECE_ROWS; row++) piece += line(style, counts);
      written += piece.length;
      yield piece;
    }
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path));
  return counts;
}

function line(style: Style, counts: Large): string {
  const row = counts.rows++;
  const isRejected = row % ODD_EVERY === 500;
  const isAgain = row % ODD_EVERY === 700;
  if (isRejected) counts.rejected += 1;
  if (isAgain) counts.duplicate += 1;
  const id = isAgain ? row - 1 : row;
  const customer = 1 + (id % 50_000);
  const amount = isRejected ? 'n/a' : `${id % 900}.${10 + (id % 90)}`;
  const values = [
    `${customer}`,
    `Ann${customer}`,
    style === 'quoted' ? `O"Neil,\n${customer}` : `Lee${customer}`,
    `ann.${customer}@example.com`,
    `p${id}`,
    `2026-0${1 + (id % 3)}-1${id % 9}`,
    amount,
    'AUD',
  ];
  if (style === 'plain') return `${values.join(',')}\n`;
  if (style === 'quoted')
    return `${values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')}\n`;
  const names = HEADER.trim().split(',');
  return `${JSON.stringify(Object.fromEntries(names.map((name, index) => [name, values[index]])))}\n`;
}

/**
 * A gzip of identical members: it takes a thousandth of the inflated size, and almost no time to
 * write.
 */
export async function writeBomb(path: string, bytes: number): Promise<void> {
  const inflated = Buffer.alloc(16 << 20, '1,p,2026-01-01,1,AUD\n');
  const member = gzipSync(inflated, { level: 9 });
  const members = Math.ceil(bytes / inflated.length);
  await pipeline(
    Readable.from(
      (function* () {
        for (let at = 0; at < members; at++) yield member;
      })(),
    ),
    createWriteStream(path),
  );
}

/** A table whose second row is one line of so many bytes, between two good ones. */
export async function writeLongLine(path: string, bytes: number): Promise<void> {
  const piece = 'x'.repeat(1 << 20);
  function* pieces(): Generator<string> {
    yield `${HEADER}1,Ann,Lee,,a,2026-01-01,1,AUD\n2,`;
    for (let at = 0; at < bytes; at += piece.length) yield piece;
    yield `,Lee,,b,2026-01-01,1,AUD\n1,Ann,Lee,,c,2026-01-01,1,AUD\n`;
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path));
}
