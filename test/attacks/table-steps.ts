import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { command, loadTable, run, takeOver } from './commands.ts';
import { putTablesBack, tablesOf } from './databases.ts';
import { isMet } from './hazards.ts';
import { copyFolder, emptyLake, expectedNow, type Lake, remembered, writeConfig } from './lake.ts';
import { change, settle, type Step, upToDate } from './play.ts';
import { mayLoad, tableDump } from './serving.ts';

/** A backup of the serving table, for later. */
export const backUpTable: Step = async (play) => {
  const { world, lake } = play;
  const tables = await tablesOf(world.databases.of(lake.warehouse));
  if (tables !== undefined) play.tables = { tables, rows: world.tables.get(lake.warehouse) ?? '' };
  world.counts.backups += 1;
  return [];
};

/**
 * Restores an older table: the next run brings it to the newest gold, or is refused if the lake
 * does not know its commit.
 */
export const restoreTable: Step = async (play) => {
  const { world, lake, tables } = play;
  const db = world.databases.of(lake.warehouse);
  if (tables === undefined || db === undefined) return backUpTable(play);
  await putTablesBack(db, tables.tables);
  world.tables.set(lake.warehouse, tables.rows);
  return settle(play, await run(world, lake));
};

/** A third lake names the database of the first: it is refused, and nothing changes. */
export const sharedTable: Step = async (play) => {
  const found = await upToDate(play);
  if (found.length > 0) return found;
  const { world, lake, draw } = play;
  const root = join(world.folder, `third${++play.numbers}`);
  const { warehouse, rates, settings } = lake;
  const thirdLake = emptyLake({ root, config: `${root}.json`, warehouse, rates, settings });
  await writeConfig(thirdLake);
  await change(play, 'write', thirdLake);
  const refused = await run(world, thirdLake);
  if (refused.found.length > 0 || !refused.refused) return refused.found;
  const by = draw.of([
    ['repair', '--json'],
    ['adopt', '--yes', '--json'],
  ]);
  const byHand =
    thirdLake.expected === undefined || !isMet('copies')
      ? []
      : await loadTable(world, thirdLake, by);
  return byHand.length > 0 ? byHand : upToDate(play);
};

/** Columns, a key, a trigger or a rule of the table that differ from the migrations. */
const ALTERATIONS = [
  'ALTER TABLE customer_purchase_summary ALTER total_spent_aud TYPE decimal(18,0)',
  'ALTER TABLE customer_purchase_summary ALTER total_spent_aud TYPE double precision',
  'ALTER TABLE customer_purchase_summary ALTER first_purchase_date TYPE text',
  'ALTER TABLE customer_purchase_summary ALTER full_name TYPE char(300)',
  'ALTER TABLE customer_purchase_summary DROP CONSTRAINT customer_purchase_summary_pkey',
  'CREATE RULE drops AS ON UPDATE TO customer_purchase_summary DO INSTEAD NOTHING',
  `CREATE FUNCTION halves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.total_spent_aud := NEW.total_spent_aud / 2; RETURN NEW; END $$;
   CREATE TRIGGER halves BEFORE INSERT OR UPDATE ON customer_purchase_summary FOR EACH ROW EXECUTE FUNCTION halves()`,
] as const;

/**
 * A table of another shape is refused as long as it has that shape, for any change of the load.
 */
export const alteredTable: Step = async (play) => {
  const found = await upToDate(play);
  const { world, lake, draw } = play;
  const db = world.databases.of(lake.warehouse);
  if (found.length > 0 || db === undefined) return found;
  const alteration = draw.of(ALTERATIONS);
  play.log.push(alteration.slice(0, 80));
  await db.exec(alteration);
  await change(play, 'write');
  const before = await tableDump(world, lake);
  const { found: wrong, refused } = await run(world, { ...remembered(lake) });
  const isRefused = refused || wrong.some((line) => line.startsWith('run ends well'));
  if (!isRefused) return [`a table of another shape is refused: ${alteration.slice(0, 80)}`];
  if ((await tableDump(world, lake)) !== before) return ['a refusal leaves the table alone'];
  // The operator configures a new database for the lake.
  await db.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  play.tables = undefined;
  world.tables.delete(lake.warehouse);
  return upToDate(play);
};

/**
 * A lake and its copy run at once over one embedded database, which supports one process at a time:
 * one of the two waits or is refused. The copy is then abandoned.
 */
export const sideBySide: Step = async (play) => {
  const found = await upToDate(play);
  if (found.length > 0) return found;
  const { world, lake } = play;
  const root = join(world.folder, 'twin');
  const twin: Lake = { ...remembered(lake), root, config: `${root}.json` };
  copyFolder(lake.root, root);
  await writeConfig(twin);
  await change(play, 'write');
  await change(play, 'write', twin);
  const isColliding = [lake, twin].map((one) => expectedNow(one).collisions.length > 0);
  world.databases.mostAtOnce();
  const answers = await Promise.all(
    [lake, twin].map((one) => command(world, one, 'run', '-q', '--json')),
  );
  const most = world.databases.mostAtOnce();
  await rm(root, { recursive: true });
  if (most > 1) return [`an embedded database is opened by one at a time: by ${most}`];
  if (!answers.some(({ code }) => code === 0) && !isColliding.every(Boolean))
    return [`one of two runs ends well: ${answers.map(({ stderr }) => stderr).join('; ')}`];
  const again = await run(world, lake);
  if (again.found.length > 0 || again.refused) return settle(play, again);
  if (await mayLoad(world, lake)) return [];
  const taken = await takeOver(world, lake);
  return taken.length > 0 ? taken : upToDate(play);
};
