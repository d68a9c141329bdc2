import type { SCENARIOS } from './scenarios.ts';

/**
 * A fault in the product's own code: a text of a file in `src` is replaced by another. `caught`:
 * the check that must detect it, and in which scenario.
 */
export type PlantedBug = {
  bug: string;
  edits: { file: string; from: string; to: string }[];
  scenario: keyof typeof SCENARIOS;
  caught: string;
};

const edit = (file: string, from: string, to: string): PlantedBug['edits'][number] => ({
  file,
  from,
  to,
});

export const PLANTED: PlantedBug[] = [
  {
    bug: 'a total is added instead of set',
    edits: [
      edit(
        'warehouses/postgres/statements.ts',
        '`  ${field} = staged.${field},`',
        '`  ${field} = ${field === "total_spent_aud" ? "main.total_spent_aud + " : ""}staged.${field},`',
      ),
    ],
    scenario: 'untroubled',
    caught: 'the table is gold',
  },
  {
    bug: 'the ledger is written before gold',
    edits: [
      edit(
        'lake/files/store-file.ts',
        'if (await store.create(file.key, { file: path })) return;',
        `const later = file.key.startsWith('gold/') ? (await import('node:fs')).readFileSync(path) : undefined;
  if (later !== undefined) return void Object.assign(globalThis, { goldThatComesLater: [file.key, later] });
  if (await store.create(file.key, { file: path })) return;`,
      ),
      edit(
        'state-machine/steps/publish.ts',
        'let ledger = await readLedger(store);',
        `const [key, later] = Reflect.get(globalThis, 'goldThatComesLater') ?? [];
    if (later !== undefined) await store.put(key, later);
    let ledger = await readLedger(store);`,
      ),
    ],
    scenario: 'killed',
    caught: 'readers see complete files only',
  },
  {
    bug: 'staging is not cleared',
    edits: [
      edit(
        'warehouses/postgres/statements.ts',
        "'SELECT customer_purchase_clear($1)'",
        "'SELECT customer_purchase_clear($1) WHERE false'",
      ),
    ],
    scenario: 'untroubled',
    caught: 'staging is clear',
  },
  {
    bug: 'only the first batch of objects is recorded',
    edits: [
      edit(
        'engines/duckdb/bronze/bronze-to-silver.ts',
        'written.flatMap(({ objects }) => objects)',
        'written.slice(0, 1).flatMap(({ objects }) => objects)',
      ),
    ],
    scenario: 'untroubled',
    caught: 'every run ends well',
  },
  {
    bug: 'an older load is applied',
    edits: [
      edit(
        'warehouses/upsert.ts',
        "held.seq === load.fromSeq && load.toSeq > held.seq ? 'applied' : 'stale'",
        "'applied'",
      ),
    ],
    scenario: 'late',
    caught: 'the table is gold',
  },
  {
    bug: 'a load is applied that does not start at the seq held',
    edits: [
      edit(
        'warehouses/upsert.ts',
        'held.seq === load.fromSeq && load.toSeq > held.seq',
        'load.toSeq > held.seq',
      ),
    ],
    scenario: 'overtaken',
    caught: 'the table is gold',
  },
  {
    bug: 'the digest of the rates is ignored',
    edits: [
      edit(
        'state-machine/steps/plan.ts',
        'ledger.rates.digest === rates.record.digest',
        'ledger.rates.digest !== rates.origin',
      ),
    ],
    scenario: 'untroubled',
    caught: 'gold follows the rules',
  },
  {
    bug: 'an object that disappeared is kept',
    edits: [edit('lake/run/plan.ts', 'result.removed = gone.filter((key) => !isHidden(key));', '')],
    scenario: 'untroubled',
    caught: 'gold follows the rules',
  },
  {
    bug: 'the old owner of a moved purchase is not touched',
    edits: [
      edit(
        'engines/duckdb/gold/affected-versions.ts',
        'if (departed.length > 0)\n    await',
        'if (departed.length < 0)\n    await',
      ),
    ],
    scenario: 'untroubled',
    caught: 'gold follows the rules',
  },
  {
    bug: 'money passes through a binary float',
    edits: [
      edit(
        'engines/duckdb/silver/to-aud.ts',
        'return `case when ${small} then case when ${amount} < 0 then -${dollars} else ${dollars} end else ${wide} end`;',
        'return `case when ${small} and ${wide} > 0 and ${dollars} > 0 then cast(round(cast(${amount} as double) * cast(${rate} as double), 2) as decimal(18,2)) else ${wide} end`;',
      ),
    ],
    scenario: 'untroubled',
    caught: 'gold follows the rules',
  },
  {
    bug: 'of tied versions the first wins',
    edits: [edit('medallion/gold/versions.ts', ', arrival desc`', ', arrival asc`')],
    scenario: 'untroubled',
    caught: 'gold follows the rules',
  },
  {
    bug: 'copies on another day count twice',
    edits: [
      edit(
        'medallion/gold/versions.ts',
        'partition by source, purchase_id order by',
        'partition by source, purchase_id, object_key order by',
      ),
    ],
    scenario: 'untroubled',
    caught: 'gold follows the rules',
  },
  {
    bug: 'late rates do not restore quarantined rows',
    edits: [
      edit(
        'engines/duckdb/engine.ts',
        '[...files.silver, ...files.quarantine]',
        '[...files.silver]',
      ),
    ],
    scenario: 'untroubled',
    caught: 'gold follows the rules',
  },
  {
    bug: 'a file is written under its final name before it is complete',
    edits: [
      edit('stores/filesystem/writing.ts', 'import { link,', 'import { copyFile, link,'),
      edit('stores/filesystem/writing.ts', 'link(temp, target)', 'copyFile(temp, target)'),
    ],
    scenario: 'killed',
    caught: 'no file is torn under a final name',
  },
  {
    bug: 'rows that a retry appended again are not one row',
    edits: [
      edit(
        'warehouses/postgres/statements.ts',
        'HAVING count(*) > 1\n) AS first',
        'HAVING false\n) AS first',
      ),
    ],
    scenario: 'twice',
    caught: 'every run ends well',
  },
  {
    bug: 'the table’s seq is recorded before its rows',
    edits: [
      edit(
        'warehouses/pglite/warehouse.ts',
        'await sql.query(CLEAR_LOADS);',
        'await sql.query(CLEAR_LOADS);\n  await sql.query(postgresUpsert.recordState, [load.lake, load.toSeq, load.commit]);',
      ),
    ],
    scenario: 'killed',
    caught: 'the table is gold',
  },
  {
    bug: 'customers that disappear stay in the table',
    edits: [
      edit(
        'warehouses/postgres/statements.ts',
        "AND staged.operation = 'delete' AND staged.customer_id",
        "AND staged.operation = 'gone' AND staged.customer_id",
      ),
    ],
    scenario: 'untroubled',
    caught: 'the table is gold',
  },
  {
    bug: 'a commit replaces another writer’s',
    edits: [
      edit(
        'lake/ledger/ledger.ts',
        'if (!(await store.create(key, bytes)))',
        'await store.put(key, bytes);\n  if (bytes.length === 0)',
      ),
    ],
    scenario: 'race',
    caught: 'gold follows the rules',
  },
  {
    bug: 'a lost race is not planned again',
    edits: [
      edit(
        'state-machine/steps/commit.ts',
        'if (ledger.seq !== plan.seq)',
        'if (ledger.seq < plan.seq)',
      ),
      edit('state-machine/steps/commit.ts', 'seq: plan.seq + 1,', 'seq: ledger.seq + 1,'),
      edit(
        'lake/ledger/ledger.ts',
        'if (winner.commit.attempt !== commit.attempt) return undefined;',
        'return publish(store, await readLedger(store), { ...commit, seq: commit.seq + 1, previous: winner.digest });',
      ),
    ],
    scenario: 'race',
    caught: 'the ledger has every seq once',
  },
  {
    bug: 'a checkpoint leaves out its own commit',
    edits: [
      edit(
        'lake/ledger/ledger.ts',
        'applied(before, commit, digest));',
        '{ ...before, seq: commit.seq });',
      ),
    ],
    scenario: 'twentieth',
    caught: 'every run ends well',
  },
  {
    bug: 'integers of customer keys are assigned twice',
    edits: [
      edit(
        'state-machine/steps/gold-work.ts',
        'Math.max(deps.settings.firstCustomerId, ledger.keys.next ?? 0)',
        'deps.settings.firstCustomerId',
      ),
    ],
    scenario: 'untroubled',
    caught: 'gold follows the rules',
  },
  {
    bug: 'silver is read without a check',
    edits: [
      edit('state-machine/steps/gold-work.ts', 'reads: filesRead(ledger, task)', 'reads: []'),
    ],
    scenario: 'rottenSilver',
    caught: 'damage is named',
  },
  {
    bug: 'the newest commit is read without a check',
    edits: [
      edit(
        'lake/ledger/seal.ts',
        "throw ledgerDamaged(key, 'its digest does not fit its content');",
        'return JSON.parse(text.toString());',
      ),
    ],
    scenario: 'rottenCommit',
    caught: 'damage is named',
  },
];
