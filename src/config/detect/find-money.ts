import { type Column, counted, share } from './column.ts';
import { namedColumns, type Sought } from './field-names.ts';
import { decideNumbers, type NumberVerdict } from './numbers.ts';
import { answered, ask, byWord, mapColumn, type Search } from './search.ts';
import { isCurrency } from './values.ts';

const MOST = 0.9;
/** A shop that sells in more currencies than exist has another kind of column. */
const CURRENCIES = 180;

/**
 * What was paid: a column of totals, or quantity times price where there is none; and in which
 * currency.
 */
export function findMoney(search: Search): void {
  const amounts = findAmount(search);
  if (amounts !== undefined) settleMarks(search, amounts);
  findCurrency(search, amounts);
}

function findAmount(search: Search): Column[] | undefined {
  const said = answered(search, 'amount');
  const total = said ?? (said === null ? undefined : numeric(search, 'amount'));
  const [quantity, price] = [numeric(search, 'quantity'), numeric(search, 'unit_price')];
  const factorsSaid =
    'quantity' in search.answers.columns || 'unit_price' in search.answers.columns;
  if (quantity !== undefined && price !== undefined && (total === undefined || factorsSaid)) {
    search.source.fields.amount = { product: [quantity.name, price.name] };
    search.notes.set('fields.amount', 'no column of totals; quantity times price, by their names');
    return [quantity, price];
  }
  const column = total ?? price;
  if (column !== undefined) {
    const verdict = decideNumbers(column.values);
    mapColumn(
      search,
      'amount',
      column,
      `${byWord(search, 'amount')}; ${counted(column, verdict.share, 'are numbers')}`,
    );
    return [column];
  }
  ask(search, {
    asks: 'Which column says what was paid? None is named like an amount and holds numbers.',
    candidates: search.columns.filter(isNumeric).map(({ name }) => name),
    flag: '--map amount=',
  });
  return undefined;
}

function isNumeric({ values }: Column): boolean {
  const { share: numbers, signed } = decideNumbers(values);
  return numbers >= MOST || signed !== undefined;
}

function numeric(search: Search, sought: Exclude<Sought, 'customer_key'>): Column | undefined {
  const said = answered(search, sought);
  if (said !== undefined) return said ?? undefined;
  return namedColumns(search.columns, sought).find(isNumeric);
}

/** The marks of the amounts: those that the values decide, or the decimal mark that was given. */
export function settleMarks(search: Search, columns: readonly Column[]): NumberVerdict {
  const verdict = decideNumbers(columns.flatMap(({ values }) => values));
  if (verdict.signed !== undefined) refuseSigns(search, columns, verdict.signed.value);
  const { decimal } = search.answers;
  const marks =
    decimal === undefined
      ? verdict.marks
      : (verdict.candidates.find((each) => each.decimal === decimal) ?? {
          decimal,
          thousands: '' as const,
        });
  if (marks === undefined)
    ask(search, {
      asks: `What parts the decimals of the amounts? ${verdict.why.charAt(0).toUpperCase()}${verdict.why.slice(1)}.`,
      candidates: ['.', ','],
      flag: '--decimal ',
    });
  else if (marks.decimal !== '.' || marks.thousands !== '') {
    search.source.format = {
      ...search.source.format,
      ...(marks.decimal === '.' ? {} : { decimal: marks.decimal }),
      ...(marks.thousands === '' ? {} : { thousands: marks.thousands }),
    };
    search.notes.set('format.decimal', verdict.why);
  }
  return verdict;
}

function refuseSigns(search: Search, columns: readonly Column[], value: string): void {
  const names = columns.map(({ name }) => JSON.stringify(name)).join(' and ');
  search.remarks.push(
    `Amounts of ${names} carry a currency sign, such as ${JSON.stringify(value)}: such rows are refused (amount_invalid). Take the signs out of the file first: sed 's/[$€£]//g'`,
  );
}

function findCurrency(search: Search, amounts: readonly Column[] | undefined): void {
  const said = answered(search, 'currency');
  const codes = (column: Column): number => share(column.values, isCurrency);
  const named = namedColumns(search.columns, 'currency').find(
    (column) => codes(column) >= MOST && new Set(column.values).size <= CURRENCIES,
  );
  const column = said === undefined ? named : (said ?? undefined);
  const { currency } = search.answers;
  if (currency !== undefined && !said) return settleCurrency(search, currency, 'given');
  if (column !== undefined) {
    mapColumn(
      search,
      'currency',
      column,
      `${byWord(search, 'currency')}; ${counted(column, codes(column), 'are three letters')}`,
    );
    return;
  }
  const [only, ...others] = said === null ? [] : search.columns.filter(holdsCurrencies);
  if (only !== undefined && others.length === 0)
    return mapColumn(search, 'currency', only, counted(only, 1, 'are codes of currencies'));
  const sign = amounts
    ?.map(({ values }) => decideNumbers(values).signed)
    .find((each) => each?.currency);
  if (sign?.currency !== undefined)
    return settleCurrency(search, sign.currency, `${JSON.stringify(sign.value)} says so`);
  ask(search, {
    asks: 'In which currency are the amounts? No column and no sign says it.',
    candidates: ['AUD', 'EUR', 'GBP', 'USD'],
    flag: '--currency ',
  });
}

const CODES = new Set(Intl.supportedValuesOf('currency'));

/** Whatever its name: nothing but codes of currencies is no accident. */
const holdsCurrencies = ({ values }: Column): boolean =>
  values.length > 0 && values.every((value) => CODES.has(value));

function settleCurrency(search: Search, currency: string, why: string): void {
  search.source.fields.currency = { constant: currency.toUpperCase() };
  search.notes.set('fields.currency', why);
}
