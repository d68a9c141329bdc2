import { type Column, counted, share } from './column.ts';
import { namedColumns } from './field-names.ts';
import { answered, ask, evidenceOf, mapColumn, type Search } from './search.ts';
import { isEmail, isWhole } from './values.ts';

/** Below this share of fitting values, a column's name is not trusted. */
const MOST = 0.9;
/** One value in a thousand that is not an integer is an accident; more are text keys. */
const NEARLY_ALL = 0.999;

/**
 * Finds the customer: an integer if there is one, otherwise a text key, otherwise the e-mail
 * address; and the names.
 */
export function findCustomer(search: Search): void {
  findEmail(search);
  findNames(search);
  const key = answered(search, 'customer_key');
  if (key) return mapColumn(search, 'customer_key', key, 'given by --map');
  const chosen = answered(search, 'customer_id');
  const named =
    chosen ?? namedColumns(search.columns, 'customer_id').find(({ values }) => values.length > 0);
  if (chosen !== null && named) return mapIdentity(search, named);
  const email = search.columns.find(({ name }) => name === search.source.fields.email);
  if (email)
    return mapColumn(
      search,
      'customer_key',
      email,
      'no column is named like a customer id, so the e-mail address identifies customers',
    );
  ask(search, {
    asks: 'Which column identifies the customer? None is named like a customer id, and none contains e-mail addresses.',
    candidates: search.columns.map(({ name }) => name),
    flag: '--map customer_id=',
  });
}

function mapIdentity(search: Search, column: Column): void {
  const whole = share(column.values, isWhole);
  const word = evidenceOf(search, 'customer_id');
  if (whole >= NEARLY_ALL)
    return mapColumn(
      search,
      'customer_id',
      column,
      `${word}; ${counted(column, whole, 'are whole numbers')}`,
    );
  mapColumn(
    search,
    'customer_key',
    column,
    `${word}; ${counted(column, 1 - whole, 'are not whole numbers')}, so it is a key: each key gets an integer`,
  );
}

function findEmail(search: Search): void {
  const chosen = answered(search, 'email');
  if (chosen === null) return;
  const mails = (column: Column): number => share(column.values, isEmail);
  const likely = [...namedColumns(search.columns, 'email'), ...search.columns];
  const column = chosen ?? likely.find((each) => mails(each) >= MOST);
  if (column)
    mapColumn(
      search,
      'email',
      column,
      counted(column, mails(column), 'look like e-mail addresses'),
    );
}

function findNames(search: Search): void {
  for (const field of ['first_name', 'last_name', 'full_name'] as const) {
    const chosen = answered(search, field);
    const found = chosen === undefined ? namedColumns(search.columns, field)[0] : chosen;
    const isId =
      found !== undefined &&
      found !== null &&
      share(found.values, (value) => /\d/.test(value)) > 0.5;
    const needless = field === 'full_name' && search.source.fields.last_name !== undefined;
    if (found && (chosen || (!isId && !needless)))
      mapColumn(search, field, found, evidenceOf(search, field));
  }
}
