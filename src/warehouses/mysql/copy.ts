import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { Readable } from 'node:stream';
import { recordChunks } from '../record-chunks.ts';
import { csvRows } from './csv-rows.ts';
import { nullWords } from './null-words.ts';
import { INSERT_ROWS, LOAD_DATA } from './statements.ts';

/** Well below the 16 MB that a server accepts in one packet by default. */
const INSERT_BYTES = 256 * 1024;

/**
 * Appends a load file's rows to staging: by LOAD DATA LOCAL if the server allows it, else by
 * inserts of some thousand rows.
 */
export async function copyIn(
  connection: Connection,
  loadId: string,
  csv: AsyncIterable<Uint8Array>,
): Promise<void> {
  const [rows] = await connection.query('SELECT @@GLOBAL.local_infile AS allowed');
  const allowed =
    Array.isArray(rows) && rows.some((row) => 'allowed' in row && row['allowed'] === 1);
  await (allowed ? loadData(connection, loadId, csv) : insertRows(connection, loadId, csv));
}

/** LOCAL reports values that do not fit as warnings, in any mode: here they are errors. */
async function loadData(
  connection: Connection,
  loadId: string,
  csv: AsyncIterable<Uint8Array>,
): Promise<void> {
  const [result] = await connection.query<ResultSetHeader>({
    sql: LOAD_DATA.replace('$1', '?'),
    values: [loadId],
    infileStreamFactory: () => Readable.from(nullWords(csv), { objectMode: false }),
  });
  if (result.warningStatus === 0) return;
  const [warnings] = await connection.query('SHOW WARNINGS LIMIT 1');
  throw new Error(`The load file does not fit the staging table: ${JSON.stringify(warnings)}`);
}

async function insertRows(
  connection: Connection,
  loadId: string,
  csv: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const parts of recordChunks(csv, INSERT_BYTES)) {
    const rows = csvRows(Buffer.concat(parts).toString()).map((row) => [...row, loadId]);
    await connection.query(INSERT_ROWS, [rows]);
  }
}
