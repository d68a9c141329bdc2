import { type Column, counted, grouped, share } from './column.ts';
import { decideDates } from './dates.ts';
import { namedColumns } from './field-names.ts';
import { decideNumbers } from './numbers.ts';
import { answered, ask, evidenceOf, mapColumn, type Search } from './search.ts';
import { isEnding } from './values.ts';

/** Below this share, repeated ids are corrections or files sent twice, not lines of orders. */
const FEW = 0.05;

/**
 * Finds the id of a purchase, whether rows are purchases or their lines, and what orders the
 * versions of a purchase.
 */
export function findPurchase(search: Search): void {
  findUpdatedAt(search);
  suggestOperation(search);
  const chosen = answered(search, 'purchase_id');
  const found =
    chosen === undefined
      ? namedColumns(search.columns, 'purchase_id').find(({ values }) => values.length > 0)
      : chosen;
  if (!found) {
    search.source.fields.purchase_id = null;
    search.notes.set(
      'fields.purchase_id',
      `${chosen === null ? 'given by --map' : 'no column is named like an order number'}: each row is a purchase`,
    );
    return;
  }
  const repeated = found.repeated / Math.max(1, found.values.length);
  mapColumn(
    search,
    'purchase_id',
    found,
    `${evidenceOf(search, 'purchase_id')}; ${repeated === 0 ? counted(found, 1, 'differ') : counted(found, repeated, 'repeat an earlier one')}`,
  );
  settleRows(search, found, repeated);
}

function settleRows(search: Search, id: Column, repeated: number): void {
  const given = search.answers.rows;
  const product = isProduct(search);
  const rows =
    given ??
    (repeated < FEW || search.source.fields.updated_at !== undefined
      ? 'purchases'
      : product
        ? 'lines'
        : undefined);
  if (rows === undefined)
    return ask(search, {
      asks: `Values of "${id.name}" repeat (${grouped(id.repeated)} of ${grouped(id.values.length)} sampled rows): are the rows lines of one purchase, whose amounts add up, or versions of it, of which the newest counts?`,
      candidates: ['lines', 'purchases'],
      flag: '--rows ',
    });
  if (rows === 'purchases') return;
  search.source.rows = 'lines';
  search.notes.set(
    'rows',
    given === undefined
      ? 'ids repeat, and each row has a quantity and a price: rows are lines of a purchase'
      : 'given',
  );
}

function isProduct({ source }: Search): boolean {
  const { amount } = source.fields;
  return typeof amount === 'object' && 'product' in amount;
}

function findUpdatedAt(search: Search): void {
  const chosen = answered(search, 'updated_at');
  if (chosen === null) return;
  const column =
    chosen ?? namedColumns(search.columns, 'updated_at').find(({ values }) => values.length > 0);
  if (column === undefined) return;
  const { share: dates, formats, candidates } = decideDates(column.values);
  const isIso = dates > 0.99 && formats.length === 0 && candidates.length === 0;
  const isNumber = decideNumbers(column.values).share > 0.99;
  if (chosen || isIso || isNumber)
    mapColumn(
      search,
      'updated_at',
      column,
      `${evidenceOf(search, 'updated_at')}: the newest version of a purchase counts`,
    );
  else
    search.remarks.push(
      `"${column.name}" may order the versions of a purchase (updated_at), but its values are neither numbers nor ISO dates.`,
    );
}

/** Remarks values that may end a purchase. Their meaning in this shop is not in the data. */
function suggestOperation(search: Search): void {
  for (const column of namedColumns(search.columns, 'operation')) {
    const endings = [...new Set(column.values.filter(isEnding))];
    if (endings.length === 0) continue;
    const list = endings.map((value) => JSON.stringify(value)).join(', ');
    search.remarks.push(
      `"${column.name}" contains ${list} (${(share(column.values, isEnding) * 100).toFixed(1)} % of rows). If such a row means that the purchase no longer exists, add to fields:`,
      `  operation: { column: ${JSON.stringify(column.name)}, deletes: [${list}] }`,
    );
  }
}
