import type { PGlite, Transaction } from '@electric-sql/pglite';
import type { Tripwire } from './tripwire.ts';

type Statements = Pick<Transaction, 'query' | 'exec'>;

/**
 * The database as one process sees it: each statement and each commit is an effect. If the process
 * dies within a transaction, the real database rolls it back, as it does for a client that
 * disconnects.
 */
export function watchedDatabase(db: PGlite, wire: Tripwire): PGlite {
  const session = watchedStatements(db, wire);
  return new Proxy(db, {
    get(target, name) {
      if (name === 'query') return session.query;
      if (name === 'exec') return session.exec;
      if (name === 'transaction')
        return <T>(work: (inner: Transaction) => Promise<T>) => transaction(target, wire, work);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function transaction<T>(
  db: PGlite,
  wire: Tripwire,
  work: (inner: Transaction) => Promise<T>,
): Promise<T> {
  let commit: { done(): void } | undefined;
  const result = await db.transaction(async (inner) => {
    const answer = await work(
      new Proxy(inner, {
        get: (target, name) => {
          const watched = watchedStatements(target, wire);
          if (name === 'query' || name === 'exec') return watched[name];
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
    );
    commit = wire.begin('COMMIT');
    return answer;
  });
  commit?.done();
  return result;
}

function watchedStatements(on: Statements, wire: Tripwire): Statements {
  return {
    query: (text, values, options) => {
      const { blob } = options ?? {};
      const half = blob?.slice(0, Math.floor(blob.size / 2));
      return wire.effect(
        titled(text),
        () => on.query(text, values, options),
        half && (() => on.query(text, values, { ...options, blob: half }).catch(() => undefined)),
      );
    },
    exec: (text, options) => wire.effect(titled(text), () => on.exec(text, options)),
  };
}

/** The first words of a statement. */
const titled = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').slice(0, 60);
