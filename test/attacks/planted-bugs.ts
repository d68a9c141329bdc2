import type { Edit } from '../support/planting.ts';
import type { Wish } from './history.ts';

/**
 * A fault in the product's own code. `caught`: text of the check that detects it, in one of the
 * first histories, from the seed on, that meet the requirements.
 */
export type PlantedBug = {
  bug: string;
  edits: readonly Edit[];
  seed: number;
  wish: Wish;
  caught: RegExp;
};

const lake = /gold follows the rules|run ends well|verify reports Equal/;

export const PLANTED: readonly PlantedBug[] = [
  {
    bug: 'the names of files are patterns to a reader',
    edits: [
      {
        file: 'lake/files/plain-paths.ts',
        from: 'path is PlainPath => PLAIN.test(path)',
        to: 'path is PlainPath => PLAIN.test(path) || true',
      },
    ],
    seed: 4,
    wish: { steps: ['run', 'otherLake'] },
    caught: lake,
  },
  {
    bug: 'a committed file is written over with other bytes',
    edits: [
      {
        file: 'engines/duckdb/parquet.ts',
        from: 'const [row] = await session.rows(copyTo(session, select, path, FORMAT))',
        to: 'const [row] = await session.rows(copyTo(session, select, path, `${FORMAT}, kv_metadata {written: ${Date.now()}}`))',
      },
      {
        file: 'lake/layout.ts',
        from: 'key.replace(/(?=\\.parquet$)/, `-${sha256.slice(0, CONTENT_DIGITS)}`)',
        to: 'key',
      },
      {
        file: 'lake/files/store-file.ts',
        from: 'if (await store.create(file.key, { file: path })) return;',
        to: 'return void (await store.put(file.key, { file: path }));',
      },
    ],
    seed: 1,
    wish: { steps: ['idle', 'copiedInPlace', 'rebuild'] },
    caught: /committed files stay|run ends well|verify reports Equal/,
  },
  {
    bug: 'an erasure removes rows that only hold the number',
    edits: [
      {
        file: 'lake/erase/decide.ts',
        from: "mention.why === 'chosen' ||",
        to: "mention.why === 'chosen' || mention.why === 'number' ||",
      },
    ],
    seed: 1,
    wish: {
      steps: ['erase'],
      rowKinds: [0, 0, 15],
      settings: { files: ['shop', 'old'], maxQuarantinedShare: 1 },
    },
    caught: /belongs to no erased person, and is missing/,
  },
  {
    bug: 'the share of rejected rows forgets the erased ones',
    edits: [
      {
        file: 'engines/duckdb/silver/too-many-rejected.ts',
        from: 'Number(rejected ?? 0) + erased_rejected > share * (Number(read ?? 0) + erased)',
        to: 'Number(rejected ?? 0) > share * Number(read ?? 0)',
      },
    ],
    seed: 1,
    wish: {
      steps: ['erase'],
      rowKinds: [3, 3, 15],
      settings: {
        maxQuarantinedShare: 0.5,
        files: ['shop', 'old'],
        firstCustomerId: 1_000_000_001,
      },
    },
    caught: /gold follows the rules/,
  },
  {
    bug: 'rows that an erasure removed are not counted',
    edits: [
      {
        file: 'engines/duckdb/silver/counts.ts',
        from: 'const arrived = read + (record.rows.erased ?? 0);',
        to: 'const arrived = read;',
      },
    ],
    seed: 1,
    wish: { steps: ['erase'] },
    caught: /rows are conserved|ends well/,
  },
  {
    bug: 'files that hold an erased person next to others stay',
    edits: [
      {
        file: 'lake/erase/erase.ts',
        from: 'await remakeStale(',
        to: 'await (async (..._) => {})(',
      },
    ],
    seed: 1,
    wish: { steps: ['erase'], settings: { files: ['shop', 'old'] } },
    caught: /nothing of an erased person is left/,
  },
  {
    bug: 'the registry keeps the key of an erased person',
    edits: [
      {
        file: 'lake/erase/rewrite-history.ts',
        from: '...(keys === undefined ? {} : { files: [keys] }),',
        to: '',
      },
    ],
    seed: 1,
    wish: { steps: ['erase'], settings: { files: ['keyed'] } },
    caught: /nothing of an erased person is left/,
  },
  {
    bug: 'a key is assigned the integer of a customer_id',
    edits: [
      {
        file: 'engines/duckdb/gold/customer-keys.ts',
        from: 'const taken = [stored, reserved].map(',
        to: 'const taken = [reserved].map(',
      },
      {
        file: 'engines/duckdb/gold/customer-keys.ts',
        from: "if (typeof idRange?.['first'] !== 'string') return;",
        to: 'return;',
      },
    ],
    seed: 2,
    wish: { steps: ['run'], collides: true },
    caught: /no integer of a key is a customer_id|run ends well/,
  },
  {
    bug: 'a copy of the lake takes the table over',
    edits: [
      {
        file: 'lake/audit/table-origin.ts',
        from: "kind === 'ours' || kind === 'new'",
        to: 'kind !== undefined',
      },
    ],
    seed: 2,
    wish: { steps: ['trialCopy'] },
    caught: /a table of another lake is refused/,
  },
  {
    bug: 'two lakes open one embedded database',
    edits: [
      {
        file: 'warehouses/pglite/pglite.ts',
        from: 'const held = await lock(folder);',
        to: 'const held = { [Symbol.asyncDispose]: async () => {} };',
      },
    ],
    seed: 2,
    wish: { steps: ['sideBySide'] },
    caught: /an embedded database is opened by one at a time/,
  },
  {
    bug: 'a table of another shape is loaded',
    edits: [
      {
        file: 'warehouses/check-tables.ts',
        from: 'const all = TABLES.flatMap(',
        to: 'const all = TABLES.slice(4).flatMap(',
      },
    ],
    seed: 2,
    wish: { steps: ['alteredTable'] },
    caught: /a table of another shape is refused/,
  },
  {
    bug: 'a line with a blank term is left out',
    edits: [
      {
        file: 'medallion/fields/amount.ts',
        from: "['a_blank', none === '' ? nothing : columns.map(isBlank).join(' and ')]",
        to: "['a_blank', none === '' ? nothing : columns.map(isBlank).join(' or ')]",
      },
    ],
    seed: 1,
    wish: { steps: ['run'], settings: { files: ['lines'], maxQuarantinedShare: 1 } },
    caught: /gold follows the rules/,
  },
];
