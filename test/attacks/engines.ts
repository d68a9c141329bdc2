import { DuckDBInstance } from '@duckdb/node-api';

type Create = typeof DuckDBInstance.create;

/**
 * One DuckDB for all sessions of this process, each with its own in-memory database: starting and
 * stopping an instance took most of a history's time. Settings of the whole instance (memory,
 * threads, spilling) are skipped, since batches are small.
 */
export async function sharedDuckdb(): Promise<AsyncDisposable> {
  const create: Create = DuckDBInstance.create.bind(DuckDBInstance);
  const base = await create(':memory:', {
    memory_limit: '1GB',
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    enable_external_file_cache: 'false',
  });
  const keeper = await base.connect();
  let opened = 0;
  let closing = Promise.resolve();
  const handOut: Create = async (path, options) => {
    // Locks are instances on files.
    if (path !== ':memory:') return create(path, options);
    const name = `session${++opened}`;
    await keeper.run(`attach ':memory:' as ${name}`);
    return new Proxy(base, {
      get(target, member) {
        if (member === 'connect')
          return async () => {
            const connection = await target.connect();
            await connection.run(`use ${name}`);
            return connection;
          };
        if (member === 'closeSync')
          return () => {
            closing = closing
              .then(() => keeper.run(`detach ${name}`))
              .then(
                () => undefined,
                () => undefined,
              );
          };
        const value: unknown = Reflect.get(target, member);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  Object.assign(DuckDBInstance, { create: handOut });
  return {
    async [Symbol.asyncDispose]() {
      Object.assign(DuckDBInstance, { create });
      await closing;
      keeper.closeSync();
      base.closeSync();
    },
  };
}
