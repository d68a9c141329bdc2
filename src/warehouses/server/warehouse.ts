import { PurchasesError, QueryRefused, RemoteFailed, RemoteRefused } from '../../errors.ts';
import type {
  IndexFault,
  Load,
  QueryResult,
  Remainder,
  Warehouse,
} from '../../lake/ports/warehouse.ts';
import { migrations } from '../migrate.ts';
import type { MigrationDialect } from '../migration.ts';
import { recordChunks } from '../record-chunks.ts';
import { retrying, type RetryPolicy } from './retry.ts';
import { upsertOnServer } from './upsert-once.ts';
import { mustFit } from '../check-tables.ts';
import { migrateTables } from '../migrate-tables.ts';
import type { ShapeDialect } from '../table-shape.ts';
import type { Sql, SqlResult } from '../sql.ts';
import { syncState, type UpsertStatements } from '../upsert.ts';

const PIECE_BYTES = 256 * 1024;

/** One connection. `cut` drops it at once, and the server rolls back what it was at. */
export type Session = {
  sql: Sql;
  /** Appends the rows of a load file to staging, within the transaction that is open. */
  copy(load: Load, csv: AsyncIterable<Uint8Array>): Promise<void>;
  /** One statement that only reads. Error: `QueryRefused` where it is none. */
  read(statement: string): Promise<SqlResult>;
  /** What `Warehouse.forget` does, outside any transaction. */
  forget(): Promise<Remainder[]>;
  end(): Promise<void>;
  cut(): void;
};

/** What differs between the servers. */
export type Server = {
  name: string;
  connect(): Promise<Session>;
  /**
   * Whether a failure may pass by itself: a deadlock, a lock that took too long, a lost connection,
   * a failover.
   */
  mayPass(error: unknown): boolean;
  /** Whether the statement was at fault, and not the server or the credentials. */
  isRefusal(error: unknown): boolean;
  /** Whether the server answered that it speaks no TLS. */
  lacksTls(error: unknown): boolean;
  /** From so many rows on a load is copied over two connections; undefined: always over one. */
  parallelCopyFromRows?: number;
  upsert: UpsertStatements;
  migrations: MigrationDialect;
  shape: ShapeDialect;
  /**
   * One row: lake, seq, commit, 1 where the serving table has no row, staged rows of outside
   * writers.
   */
  readState: string;
  /** Where the server can be told which index to read by. */
  indexes?: {
    faults(sql: Sql): Promise<IndexFault[]>;
    rebuild(sql: Sql): Promise<void>;
  };
};

/**
 * The warehouse port over a database server. Each call has a connection of its own (5 ms on a local
 * network), so that nothing is left over from the last, a failover is followed, and a token's short
 * life is no matter.
 */
export function serverWarehouse(server: Server, patience: RetryPolicy): Warehouse {
  const { indexes } = server;
  const again = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    asRemote(server, () => retrying(patience, server.mayPass, () => withSession(server, work)));
  return {
    name: server.name,
    migrate: () => again(({ sql }) => migrateTables(sql, server.migrations, server.shape)),
    migrations: () => again(({ sql }) => migrations(sql, server.migrations)),
    async state() {
      const row = await again(async ({ sql }) => {
        await mustFit(sql, server.shape, 'whole');
        return (await sql.query(server.readState)).rows[0];
      });
      return { sync: syncState(row), empty: row?.[3] === '1', foreign: Number(row?.[4]) };
    },
    stage: (load, csv) => stage(server, patience, load, csv),
    upsert: (load) =>
      asRemote(server, () =>
        upsertOnServer(
          load,
          server.upsert,
          (work) =>
            retrying(patience, server.mayPass, () => withSession(server, ({ sql }) => work(sql))),
          (transaction) => mustFit(transaction, server.shape, 'columns'),
        ),
      ),
    query: (statement) => again((session) => ask(server, session, statement)),
    forget: () => again((session) => session.forget()),
    ...(indexes === undefined
      ? {}
      : {
          indexFaults: () => again(({ sql }) => indexes.faults(sql)),
          rebuildIndexes: () => again(({ sql }) => indexes.rebuild(sql)),
        }),
    close: () => Promise.resolve(),
  };
}

/**
 * Bytes that were read cannot be read again: only until the first of them is a failure tried again.
 * A large load is copied over two connections where a second can be had. Only when that one has
 * committed and the first then cannot, half a load is left in staging: the upsert refuses it, as
 * any that is not whole, and clears it with the next load that is applied.
 */
async function stage(
  server: Server,
  patience: RetryPolicy,
  load: Load,
  csv: AsyncIterable<Uint8Array>,
): Promise<void> {
  let begun = false;
  const attempt = ({ sql, copy }: Session): Promise<void> =>
    sql.transaction(async (transaction) => {
      await transaction.query(server.upsert.clearLoad, [load.loadId]);
      const isLarge = load.rows >= (server.parallelCopyFromRows ?? Infinity);
      const second = isLarge ? await server.connect().catch(() => undefined) : undefined;
      begun = true;
      if (second === undefined) return copy(load, csv);
      const pieces = wholeRecords(csv);
      return inSession(second, () =>
        second.sql.transaction(
          async () => void (await Promise.all([copy(load, pieces), second.copy(load, pieces)])),
        ),
      );
    });
  await asRemote(server, () =>
    retrying(
      patience,
      (error) => !begun && server.mayPass(error),
      () => withSession(server, attempt),
    ),
  );
}

/** Pieces that several may take turns at, each of whole records. */
async function* wholeRecords(csv: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const parts of recordChunks(csv, PIECE_BYTES)) yield Buffer.concat(parts);
}

async function ask(server: Server, session: Session, statement: string): Promise<QueryResult> {
  const { columns, rows } = await session.read(statement).catch((cause: unknown) => {
    throw server.isRefusal(cause) ? refused(messageOf(cause), cause) : cause;
  });
  if (columns.length === 0) throw refused('it is not a query that gives rows');
  return { columns, rows };
}

export function refused(why: string, cause?: unknown): QueryRefused {
  return new QueryRefused(`The warehouse refuses the query: ${why}`, {
    hint: 'Give one SELECT; the serving table is customer_purchase_summary.',
    cause,
  });
}

const withSession = async <T>(server: Server, work: (session: Session) => Promise<T>): Promise<T> =>
  inSession(await server.connect(), work);

/** Does the work, and lets the session go. */
async function inSession<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    const result = await work(session);
    await session.end();
    return result;
  } catch (error) {
    session.cut();
    throw error;
  }
}

/**
 * Whatever the server says becomes `RemoteFailed` or, where trying again is no help,
 * `RemoteRefused`, save what is an answer of ours already or another's (a file that cannot be
 * read).
 */
export async function asRemote<T>(
  server: Pick<Server, 'name' | 'mayPass' | 'isRefusal' | 'lacksTls'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PurchasesError || !(server.mayPass(error) || server.isRefusal(error)))
      throw error;
    if (server.mayPass(error))
      throw new RemoteFailed(`The warehouse ${server.name} failed: ${messageOf(error)}`, {
        hint: 'Check that the server runs and can be reached, then run again: the table is as it was, or at the new seq.',
        cause: error,
      });
    if (server.lacksTls(error))
      throw new RemoteRefused(`The warehouse ${server.name} speaks no TLS.`, {
        hint: 'Nothing was sent to it. Switch TLS on there (PostgreSQL: ssl = on with a certificate); or, where the way to it is safe by other means, add sslmode=disable to the URL.',
        cause: error,
      });
    throw new RemoteRefused(`The warehouse ${server.name} refused: ${messageOf(error)}`, {
      hint: 'Check the user, the password, the certificate, the name of the database, and what the user may do.',
      cause: error,
    });
  }
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
