import type { Draw } from '../faults/lake-history.ts';
import {
  type Lake,
  putObject,
  putRefusedNames,
  removeObject,
  renameObject,
  touchObject,
  writeConfig,
} from './lake.ts';
import { type AttackObject, keyOf, lookOf, objectOf } from './objects.ts';
import { fileName, REFUSED_NAMES } from './odd-names.ts';
import type { People } from './people.ts';
import { HEADERS, otherSettings } from './settings.ts';

/** Changes a lake's bronze or its configuration without the product. */
export type Change = (on: {
  draw: Draw;
  lake: Lake;
  people: People;
  /** A number that no other call returns. */
  number: number;
}) => Promise<string>;

const EPOCH = 1_775_300_000;
const someObject = (draw: Draw, lake: Lake): AttackObject | undefined =>
  lake.objects.size === 0 ? undefined : draw.of([...lake.objects.values()]);

/**
 * Adds a new file. If its name could be mistaken for another's, mostly adds that one too, with as
 * many rows.
 */
const write: Change = async ({ draw, lake, people, number }) => {
  const source = draw.of(lake.settings.files);
  const look = lookOf(draw, source);
  const { name, sibling } = fileName(draw, number);
  const modified = EPOCH + draw.below(4);
  const content = { rows: 1 + draw.below(5), people };
  const place = { key: keyOf(draw, source, name, look), modified, source, look };
  await putObject(lake, objectOf(draw, place, content));
  if (sibling === undefined || draw.once(4)) return place.key;
  const key = place.key.replace(`/${name}.`, () => `/${sibling}.`);
  await putObject(lake, objectOf(draw, { ...place, key }, content));
  return `${place.key}, ${key}`;
};

const replace: Change = async ({ draw, lake, people }) => {
  const old = someObject(draw, lake);
  if (old === undefined) return 'nothing';
  const { key, source, look } = old;
  const modified = old.modified + draw.below(3);
  const content = { rows: 1 + draw.below(5), people };
  await putObject(lake, objectOf(draw, { key, source, look, modified }, content));
  return key;
};

const remove: Change = async ({ draw, lake }) => {
  const old = someObject(draw, lake);
  if (old !== undefined) await removeObject(lake, old.key);
  return old?.key ?? 'nothing';
};

const touch: Change = async ({ draw, lake }) => {
  const old = someObject(draw, lake);
  if (old !== undefined)
    await touchObject(lake, old.key, draw.once(2) ? old.modified + 1 : undefined);
  return old?.key ?? 'nothing';
};

const rename: Change = async ({ draw, lake, number }) => {
  const old = someObject(draw, lake);
  if (old === undefined) return 'nothing';
  const key = keyOf(draw, old.source, fileName(draw, number).name, old.look);
  await renameObject(lake, old.key, key);
  return `${old.key} to ${key}`;
};

/** A file arrives again in its first version, under another name or its own. */
const resend: Change = async ({ draw, lake, number }) => {
  const old = someObject(draw, lake);
  if (old === undefined) return 'nothing';
  const key = draw.once(3) ? old.key : old.key.replace(/([^/]+)$/, `r${number}-$1`);
  // A file name ends at 255 bytes.
  if (key.length > 240) return 'nothing';
  await putObject(lake, { ...old, key, modified: old.modified + draw.below(2) });
  return key;
};

const refusedNames: Change = async ({ draw, lake }) => {
  const which = draw.below(REFUSED_NAMES.length + 2);
  await putRefusedNames(lake, which);
  return `name ${which}`;
};

const settings: Change = async ({ draw, lake }) => {
  lake.settings = otherSettings(draw, lake.settings, lake.erased.length > 0);
  await writeConfig(lake);
  return JSON.stringify({ ...lake.settings, rates: lake.settings.rates.length });
};

export const CHANGES: Readonly<Record<string, Change>> = {
  write,
  replace,
  remove,
  touch,
  rename,
  resend,
  refusedNames,
  settings,
};

const BASE_ROWS = 90;

/**
 * Many purchases of uninvolved customers: compared with them a change is small, so gold is built on
 * the previous gold.
 */
export async function putBase(lake: Lake): Promise<void> {
  const texts = Array.from(
    { length: BASE_ROWS },
    (_, row) =>
      `${3000 + (row % 30)},Cy,Base,cy${row}@example.com,b${row},2026-03-28,${row}.05,AUD,,`,
  );
  await putObject(lake, {
    key: 'shop/2026-03-31/base.csv',
    modified: EPOCH - DAY,
    source: 'shop',
    look: {
      delimiter: ',',
      newline: '\n',
      bytes: { encoding: 'utf-8', gzip: false },
      layout: 'csv',
    },
    rows: texts.map((text) => ({ cells: text.split(','), sure: [], maybe: [] })),
    texts,
    bytes: Buffer.from([HEADERS.shop, ...texts, ''].join('\n')),
  });
}

const DAY = 86_400;
