import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type CommitCutter = {
  port: number;
  /** Number of connections cut so far. */
  cuts(): number;
  close(): Promise<void>;
};

/**
 * A proxy to a database server on which the first COMMITs are lost: with `before`, before they
 * reach the server; with `after`, after, so that only their response is lost. Later ones pass.
 */
export async function commitCutter(
  to: number,
  when: 'before' | 'after',
  cuts = 1,
): Promise<CommitCutter> {
  let left = cuts;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    let isCommitting = false;
    const end = (): void => void [client.destroy(), upstream.destroy()];
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (bytes: Buffer) => {
      isCommitting = left > 0 && /COMMIT(?!T)/.test(bytes.toString('latin1'));
      if (isCommitting) left--;
      if (isCommitting && when === 'before') end();
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (isCommitting) end();
      else client.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    port: address.port,
    cuts: () => cuts - left,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
