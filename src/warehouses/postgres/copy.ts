import type { Client } from 'pg';
import { from } from 'pg-copy-streams';
import { cut } from './connect.ts';

/**
 * Streams the bytes into a COPY … FROM STDIN, at the server's pace. If they break off, the
 * connection and with it the transaction is dropped: the COPY would wait for its end.
 */
export async function copyIn(
  client: Client,
  statement: string,
  csv: AsyncIterable<Uint8Array>,
): Promise<void> {
  const stream = client.query(from(statement));
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.once('finish', resolve);
    client.once('end', () => reject(new Error('Connection terminated during COPY')));
  });
  let failure: unknown;
  ended.catch((error: unknown) => (failure = error));
  try {
    for await (const bytes of csv) {
      if (failure !== undefined) break;
      if (!stream.write(bytes))
        await Promise.race([ended, new Promise((resolve) => stream.once('drain', resolve))]);
    }
  } catch (error) {
    if (error !== failure) cut(client);
    throw error;
  }
  if (failure === undefined) stream.end();
  await ended;
}
