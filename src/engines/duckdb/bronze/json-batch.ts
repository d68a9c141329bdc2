import { jsonRows as jsonTexts } from '../../../lake/bronze/json-rows.ts';
import type { BronzeResult } from '../../../lake/ports/engine.ts';
import { hasColumnsOf, missingColumns, sourceColumns } from '../../../medallion/columns.ts';
import { normaliseName } from '../../../medallion/fields/column-names.ts';
import { driftOf, heads } from '../../../medallion/known-columns.ts';
import type { Source } from '../../../medallion/source.ts';
import { type JsonFacts, jsonRows, loadJsonRows, locateJsonColumns } from './json-rows.ts';
import { arrivalOf, batchObject, type JsonMember } from './members.ts';
import { schemaMismatch } from './prepare.ts';
import { type BatchContext, wholeRows } from './rows.ts';

/**
 * Reads JSON objects. Their keys are known only after the rows are loaded, so this decides whether
 * an object matches its source.
 */
export async function readJson(
  step: BatchContext,
  source: Source,
  members: readonly JsonMember[],
): Promise<BronzeResult> {
  const { rows: loaded, wellFormed } = await loadJsonRows(
    step.session,
    members.map(({ scan }) => jsonTexts(scan)),
  );
  const { paths, objects } = await locateJsonColumns(step.session, loaded, source, members.length);
  const read = members.map((member, index) =>
    checkColumns(member, source, wellFormed[index] ?? 0, objects[index]),
  );
  const written: BronzeResult = { objects: read.map(({ record }) => record), files: [] };
  // Objects without the currency column use the source's currency in every row, so they are read
  // separately.
  for (const hasCurrency of [true, false]) {
    const chosen = read.filter((one) => one.fits && one.hasCurrency === hasCurrency);
    if (chosen.length === 0) continue;
    const batch = await step.use(step, {
      rows: wholeRows(
        await jsonRows(
          step.session,
          loaded,
          read.map((one) => (chosen.includes(one) ? batchObject(one.member) : undefined)),
          source,
          paths,
        ),
      ),
      context: {
        source,
        ...arrivalOf(chosen.map(({ record }) => record)),
        present: new Set(chosen.flatMap(({ present }) => present)),
      },
      records: chosen.map(({ record }) => record),
      read: chosen.map(({ member }) => member.scan.rows),
    });
    written.objects = written.objects.map(
      (record) => batch.objects.find(({ key }) => key === record.key) ?? record,
    );
    written.files.push(...batch.files);
  }
  return written;
}

/** Checks a loaded JSON object's keys: returns its record and whether its rows can be read. */
function checkColumns(
  member: JsonMember,
  source: Source,
  wellFormed: number,
  { keys, present, duplicates }: JsonFacts = { keys: [], present: [], duplicates: [] },
) {
  const has = (column: string): boolean => present.includes(column);
  const faults = [
    ...missingColumns(source, 'json', has),
    ...duplicates.map((column) => `duplicate key "${column}" (two spellings)`),
  ];
  const { currency } = source.fields;
  const hasCurrency = currency !== undefined && hasColumnsOf(currency, has);
  // Without a JSON object among the rows no key can be missing: every row is malformed by itself.
  const fits = wellFormed === 0 || faults.length === 0;
  const known = new Set(sourceColumns(source).map(normaliseName).flatMap(heads));
  const drift = driftOf(keys.filter((key) => !known.has(normaliseName(key))));
  const record = fits
    ? { ...member.record, drift }
    : { ...member.unreadable, refused: schemaMismatch(source, faults, keys) };
  return { member, record, fits, hasCurrency, present };
}
