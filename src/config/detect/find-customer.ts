import { type Column, counted, share } from './column.ts';
import { namedColumns } from './field-names.ts';
import { answered, ask, byWord, mapColumn, type Search } from './search.ts';
import { isEmail, isWhole } from './values.ts';

/** Where fewer of a column's values than these are what a field takes, its name is not believed. */
const MOST = 0.9;
/** One value in a thousand that is no integer is an accident; more are keys that are text. */
const NEARLY_ALL = 0.999;

/**
 * Who bought: an integer where the shop has one, else a key that is text, else the e-mail address;
 * and the names beside it.
 */
export function findCustomer(search: Search): void {
  findEmail(search);
  findNames(search);
  const key = answered(search, 'customer_key');
  if (key) return mapColumn(search, 'customer_key', key, 'as you said');
  const said = answered(search, 'customer_id');
  const named =
    said ?? namedColumns(search.columns, 'customer_id').find(({ values }) => values.length > 0);
  if (said !== null && named) return mapIdentity(search, named);
  const email = search.columns.find(({ name }) => name === search.source.fields.email);
  if (email)
    return mapColumn(
      search,
      'customer_key',
      email,
      'no column is named like a customer number, so the e-mail address tells customers apart',
    );
  ask(search, {
    asks: 'Which column says who bought? None is named like a customer number, and none holds e-mail addresses.',
    candidates: search.columns.map(({ name }) => name),
    flag: '--map customer_id=',
  });
}

function mapIdentity(search: Search, column: Column): void {
  const whole = share(column.values, isWhole);
  const word = byWord(search, 'customer_id');
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
    `${word}; ${counted(column, 1 - whole, 'are no whole numbers')}, so it is a key: each gets a number of its own`,
  );
}

function findEmail(search: Search): void {
  const said = answered(search, 'email');
  if (said === null) return;
  const mails = (column: Column): number => share(column.values, isEmail);
  const likely = [...namedColumns(search.columns, 'email'), ...search.columns];
  const column = said ?? likely.find((each) => mails(each) >= MOST);
  if (column)
    mapColumn(
      search,
      'email',
      column,
      counted(column, mails(column), 'have the form of an address'),
    );
}

function findNames(search: Search): void {
  for (const field of ['first_name', 'last_name', 'full_name'] as const) {
    const said = answered(search, field);
    const found = said === undefined ? namedColumns(search.columns, field)[0] : said;
    const isId =
      found !== undefined &&
      found !== null &&
      share(found.values, (value) => /\d/.test(value)) > 0.5;
    const needless = field === 'full_name' && search.source.fields.last_name !== undefined;
    if (found && (said || (!isId && !needless)))
      mapColumn(search, field, found, byWord(search, field));
  }
}
