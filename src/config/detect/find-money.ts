import { type Column, counted, share } from './column.ts';
import { namedColumns, type Target } from './field-names.ts';
import { decideNumbers, type NumberVerdict } from './numbers.ts';
import { answered, ask, evidenceOf, mapColumn, type Search } from './search.ts';
import { isCurrency } from './values.ts';

const MOST = 0.9;
/** A column with more distinct codes than there are currencies contains something else. */
const CURRENCIES = 180;

/** Finds the amount, a column of totals or else quantity times price, and its currency. */
export function findMoney(search: Search): void {
  const amounts = findAmount(search);
  if (amounts !== undefined) settleMarks(search, amounts);
  findCurrency(search, amounts);
}

function findAmount(search: Search): Column[] | undefined {
  const chosen = answered(search, 'amount');
  const total = chosen ?? (chosen === null ? undefined : numeric(search, 'amount'));
  const [quantity, price] = [numeric(search, 'quantity'), numeric(search, 'unit_price')];
  const factorsChosen =
    'quantity' in search.answers.columns || 'unit_price' in search.answers.columns;
  if (quantity !== undefined && price !== undefined && (total === undefined || factorsChosen)) {
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
      `${evidenceOf(search, 'amount')}; ${counted(column, verdict.share, 'are numbers')}`,
    );
    return [column];
  }
  ask(search, {
    asks: 'Which column is the amount? None is named like an amount and contains numbers.',
    candidates: search.columns.filter(isNumeric).map(({ name }) => name),
    flag: '--map amount=',
  });
  return undefined;
}

function isNumeric({ values }: Column): boolean {
  const { share: numbers, signed } = decideNumbers(values);
  return numbers >= MOST || signed !== undefined;
}

function numeric(search: Search, target: Exclude<Target, 'customer_key'>): Column | undefined {
  const chosen = answered(search, target);
  if (chosen !== undefined) return chosen ?? undefined;
  return namedColumns(search.columns, target).find(isNumeric);
}

/** Sets the marks of the amounts: those that the values decide, or the given decimal mark. */
export function settleMarks(search: Search, columns: readonly Column[]): NumberVerdict {
  const verdict = decideNumbers(columns.flatMap(({ values }) => values));
  if (verdict.signed !== undefined) remarkSigns(search, columns, verdict.signed.value);
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
      asks: `What is the decimal mark of the amounts? ${verdict.why.charAt(0).toUpperCase()}${verdict.why.slice(1)}.`,
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

function remarkSigns(search: Search, columns: readonly Column[], value: string): void {
  const names = columns.map(({ name }) => JSON.stringify(name)).join(' and ');
  search.remarks.push(
    `Amounts of ${names} have a currency sign, such as ${JSON.stringify(value)}: such rows are rejected (amount_invalid). Remove the signs from the file first: sed 's/[$€£]//g'`,
  );
}

function findCurrency(search: Search, amounts: readonly Column[] | undefined): void {
  const chosen = answered(search, 'currency');
  const codes = (column: Column): number => share(column.values, isCurrency);
  const named = namedColumns(search.columns, 'currency').find(
    (column) => codes(column) >= MOST && new Set(column.values).size <= CURRENCIES,
  );
  const column = chosen === undefined ? named : (chosen ?? undefined);
  const { currency } = search.answers;
  if (currency !== undefined && !chosen) return settleCurrency(search, currency, 'given');
  if (column !== undefined) {
    mapColumn(
      search,
      'currency',
      column,
      `${evidenceOf(search, 'currency')}; ${counted(column, codes(column), 'are three letters')}`,
    );
    return;
  }
  const [only, ...others] = chosen === null ? [] : search.columns.filter(holdsCurrencies);
  if (only !== undefined && others.length === 0)
    return mapColumn(search, 'currency', only, counted(only, 1, 'are currency codes'));
  const sign = amounts
    ?.map(({ values }) => decideNumbers(values).signed)
    .find((each) => each?.currency);
  if (sign?.currency !== undefined)
    return settleCurrency(search, sign.currency, `shown by ${JSON.stringify(sign.value)}`);
  ask(search, {
    asks: 'In which currency are the amounts? No column and no sign shows it.',
    candidates: ['AUD', 'EUR', 'GBP', 'USD'],
    flag: '--currency ',
  });
}

const CODES = new Set(Intl.supportedValuesOf('currency'));

/** A column with only currency codes is the currency, independent of its name. */
const holdsCurrencies = ({ values }: Column): boolean =>
  values.length > 0 && values.every((value) => CODES.has(value));

function settleCurrency(search: Search, currency: string, why: string): void {
  search.source.fields.currency = { constant: currency.toUpperCase() };
  search.notes.set('fields.currency', why);
}
