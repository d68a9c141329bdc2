import packageJson from '#package.json' with { type: 'json' };

/**
 * The file name of the seed for the PGlite version that this package pins: another version's data
 * may not fit it.
 */
export const SEED_FILE = `pglite-${packageJson.dependencies['@electric-sql/pglite']}.tar.gz`;

/**
 * Builds a database as initdb leaves it, as the bytes of a .tar.gz (4.5 MB). Loading it saves a new
 * lake the seconds of initdb.
 */
export async function pgliteSeed(): Promise<Uint8Array> {
  const { PGlite } = await import('@electric-sql/pglite');
  const db = await PGlite.create();
  try {
    return new Uint8Array(await (await db.dumpDataDir('gzip')).arrayBuffer());
  } finally {
    await db.close();
  }
}
