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
import { assertTablesFit } from '../check-tables.ts';
import { migrateTables } from '../migrate-tables.ts';
import type { ShapeDialect } from '../table-shape.ts';
import type { Sql, SqlResult } from '../sql.ts';
import { syncState, type UpsertStatements } from '../upsert.ts';

const PIECE_BYTES = 256 * 1024;

/** One connection. `cut` drops it at once, and the server rolls its transaction back. */
export type Session = {
  sql: Sql;
  /** Appends the rows of a load file to staging, within the open transaction. */
  copy(load: Load, csv: AsyncIterable<Uint8Array>): Promise<void>;
  /** Runs one statement that only reads. Error: `QueryRefused` for any other. */
  read(statement: string): Promise<SqlResult>;
  /** Implements `Warehouse.forget`, outside any transaction. */
  forget(): Promise<Remainder[]>;
  end(): Promise<void>;
  cut(): void;
};

/** The differences between the servers. */
export type Server = {
  name: string;
  connect(): Promise<Session>;
  /**
   * True if a failure may be transient: a deadlock, a lock timeout, a lost connection, a failover.
   */
  isTransient(error: unknown): boolean;
  /** True if the statement was at fault, and not the server or the credentials. */
  isRefusal(error: unknown): boolean;
  /** True if the server answered that it does not support TLS. */
  lacksTls(error: unknown): boolean;
  /**
   * Loads of at least this many rows are copied over two connections; undefined: always over one.
   */
  parallelCopyFromRows?: number;
  upsert: UpsertStatements;
  migrations: MigrationDialect;
  shape: ShapeDialect;
  /**
   * One row: lake, seq, commit, 1 if the serving table has no row, staged rows of external writers.
   */
  readState: string;
  /** Present if a query can choose the index that it reads by. */
  indexes?: {
    faults(sql: Sql): Promise<IndexFault[]>;
    rebuild(sql: Sql): Promise<void>;
  };
};

/**
 * Implements the warehouse port over a database server. Each call opens a connection (5 ms on a
 * local network), so that no state is left from the last call, a failover is followed, and a token
 * may expire between calls.
 */
export function serverWarehouse(server: Server, policy: RetryPolicy): Warehouse {
  const { indexes } = server;
  const again = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    asRemote(server, () => retrying(policy, server.isTransient, () => withSession(server, work)));
  return {
    name: server.name,
    migrate: () => again(({ sql }) => migrateTables(sql, server.migrations, server.shape)),
    migrations: () => again(({ sql }) => migrations(sql, server.migrations)),
    async state() {
      const row = await again(async ({ sql }) => {
        await assertTablesFit(sql, server.shape, 'whole');
        return (await sql.query(server.readState)).rows[0];
      });
      return { sync: syncState(row), empty: row?.[3] === '1', foreign: Number(row?.[4]) };
    },
    stage: (load, csv) => stage(server, policy, load, csv),
    upsert: (load) =>
      asRemote(server, () =>
        upsertOnServer(
          load,
          server.upsert,
          (work) =>
            retrying(policy, server.isTransient, () => withSession(server, ({ sql }) => work(sql))),
          (transaction) => assertTablesFit(transaction, server.shape, 'columns'),
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
 * Stages a load. Bytes that were read cannot be read again, so a failure is retried only before the
 * first of them. A large load is copied over two connections if a second is available. Only if that
 * one has committed and the first then cannot, half a load is left in staging: the upsert refuses
 * it, like any incomplete load, and clears it with the next load that is applied.
 */
async function stage(
  server: Server,
  policy: RetryPolicy,
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
      policy,
      (error) => !begun && server.isTransient(error),
      () => withSession(server, attempt),
    ),
  );
}

/** Chunks of whole records that several consumers may take in turn. */
async function* wholeRecords(csv: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const parts of recordChunks(csv, PIECE_BYTES)) yield Buffer.concat(parts);
}

async function ask(server: Server, session: Session, statement: string): Promise<QueryResult> {
  const { columns, rows } = await session.read(statement).catch((cause: unknown) => {
    throw server.isRefusal(cause) ? refused(messageOf(cause), cause) : cause;
  });
  if (columns.length === 0) throw refused('it is not a query that returns rows');
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

/** Runs the work, and ends the session. */
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
 * Converts any error of the server to `RemoteFailed` or, if a retry does not help, `RemoteRefused`,
 * except errors of the product and of others (a file that cannot be read).
 */
export async function asRemote<T>(
  server: Pick<Server, 'name' | 'isTransient' | 'isRefusal' | 'lacksTls'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PurchasesError || !(server.isTransient(error) || server.isRefusal(error)))
      throw error;
    if (server.isTransient(error))
      throw new RemoteFailed(`The warehouse ${server.name} failed: ${messageOf(error)}`, {
        hint: 'Check that the server runs and can be reached, then run again: the table is unchanged, or at the new seq.',
        cause: error,
      });
    if (server.lacksTls(error))
      throw new RemoteRefused(`The warehouse ${server.name} speaks no TLS.`, {
        hint: 'Nothing was sent to it. Enable TLS on the server (PostgreSQL: ssl = on with a certificate); or, if the network is secured by other means, add sslmode=disable to the URL.',
        cause: error,
      });
    throw new RemoteRefused(`The warehouse ${server.name} refused: ${messageOf(error)}`, {
      hint: 'Check the user, the password, the certificate, the name of the database, and the permissions of the user.',
      cause: error,
    });
  }
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
