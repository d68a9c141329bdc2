import type { Draw } from '../faults/lake-history.ts';
import { isMet } from './hazards.ts';
import type { People, Person } from './people.ts';
import type { SourceName } from './settings.ts';

/**
 * A row of a file. `sure`: the people it identifies by customer, e-mail address or purchase; it is
 * erased with them. `maybe`: the people it may concern; it may be erased or stay, and every other
 * person's erasure keeps it.
 */
export type AttackRow = {
  cells: readonly string[];
  sure: readonly number[];
  maybe: readonly number[];
  /** The row names its person by the e-mail address alone. */
  byAddress?: true;
};

const AMOUNTS = ['10', '5', '77.00', '-3.30', '12.345', '0.005', '900', '1e2', '99999.99', '1'];
const CURRENCIES = ['AUD', 'AUD', 'AUD', 'EUR', 'USD', 'JPY'];
const dateOf = (draw: Draw): string => `2026-03-${28 + draw.below(4)}`;

/** The columns of a customer: identifier, first and last name, e-mail address. */
function personCells(draw: Draw, person: Person, source: SourceName): string[] {
  const last = draw.of([person.last, person.last, `${person.last}, the 1st`, 'O"Neil', '']);
  return [
    (source === 'keyed' ? person.key : person.id) ?? '',
    draw.once(8) ? '' : person.first,
    last,
    draw.once(8) ? '' : person.email,
  ];
}

const purchaseOf = (draw: Draw, person: Person, source: SourceName): string =>
  `${source}-${person.index}-${draw.below(4)}`;

/** The values of a source's extra columns at the end of a row. */
const tailOf = (draw: Draw, source: SourceName): string[] =>
  source === 'shop' ? [draw.of(['', '', '1', '2', '3']), draw.once(9) ? 'void' : ''] : [];

/** The rows of one purchase, or of something that only looks like one. */
export function someRows(draw: Draw, people: People, source: SourceName): AttackRow[] {
  const able = people.all.filter(({ id, key }) => (source === 'keyed' ? key : id) !== null);
  const person = draw.of(able);
  if (source === 'till') return [tillRow(draw, person)];
  if (source === 'lines') return linesOf(draw, person);
  const drawn = people.rowKinds === undefined ? draw.below(16) : draw.of(people.rowKinds);
  const kind = isMet('uncertainRows') || drawn > 2 ? drawn : 15;
  if (kind === 0) return [malformedOfPerson(draw, people, source)];
  if (kind === 1) return [malformedOf(draw, people, person, source)];
  if (kind === 2) return [guestOf(draw, people, source)];
  if (kind === 3) return [rejectedOf(draw, person, source)];
  return [goodRow(draw, person, source)];
}

function goodRow(draw: Draw, person: Person, source: SourceName): AttackRow {
  const cells = [
    ...personCells(draw, person, source),
    purchaseOf(draw, person, source),
    dateOf(draw),
    draw.of(AMOUNTS),
    draw.of(CURRENCIES),
    ...tailOf(draw, source),
  ];
  return { cells, sure: [person.index], maybe: [] };
}

/** A row of the person that every rule rejects. */
function rejectedOf(draw: Draw, person: Person, source: SourceName): AttackRow {
  const row = goodRow(draw, person, source);
  const cells = [...row.cells];
  const at = draw.of([5, 6]);
  cells[at] = at === 5 ? 'never' : 'abc';
  return { ...row, cells };
}

/** A row with an extra field that names the person, and everyone with the same e-mail address. */
function malformedOf(draw: Draw, people: People, person: Person, source: SourceName): AttackRow {
  const { cells } = goodRow(draw, person, source);
  const maybe = people.all
    .filter((one) => one === person || cells.includes(one.email))
    .map(({ index }) => index);
  return { cells: [...cells, 'EXTRA'], sure: [], maybe };
}

/**
 * A row with an extra field, of no person in the history, in which a customer's integer is used as
 * an amount.
 */
function malformedOfPerson(draw: Draw, people: People, source: SourceName): AttackRow {
  const { id } = draw.of(people.all.filter((one) => one.id !== null));
  const number = draw.below(1000);
  const cells = [
    `88${number}`,
    'Bo',
    'Broken',
    `bo${number}@example.com`,
    `m${number}`,
    dateOf(draw),
    draw.of([`${id}`, `${id}.00`]),
    'AUD',
    ...tailOf(draw, source),
    'EXTRA',
  ];
  return { cells, sure: [], maybe: [] };
}

/** A row without a customer that has only a person's name or e-mail address. */
function guestOf(draw: Draw, people: People, source: SourceName): AttackRow {
  const person = draw.of(people.all);
  const byMail = draw.once(2);
  const like = people.all
    .filter((one) => (byMail ? one.email === person.email : one.first === person.first))
    .map(({ index }) => index);
  const who = byMail ? ['', 'Guest', '', person.email] : ['', person.first, person.last, ''];
  const cells = [
    ...who,
    `guest-${draw.below(1000)}`,
    dateOf(draw),
    draw.of(AMOUNTS),
    'AUD',
    ...tailOf(draw, source),
  ];
  return byMail && like.length === 1
    ? { cells, sure: like, maybe: [], byAddress: true }
    : { cells, sure: [], maybe: like };
}

function tillRow(draw: Draw, person: Person): AttackRow {
  const email = draw.once(4) ? '' : person.email;
  if (draw.once(12)) return { cells: ['', '', dateOf(draw), '4'], sure: [], maybe: [] };
  const cells = [person.id ?? '', email, dateOf(draw), draw.of(['5', '50', '1', '77'])];
  return { cells, sure: [person.index], maybe: [] };
}

/**
 * One to three lines of a purchase, of which the first names the customer; now and then a part of
 * an amount is blank.
 */
function linesOf(draw: Draw, person: Person): AttackRow[] {
  const purchase = purchaseOf(draw, person, 'lines');
  return Array.from({ length: 1 + draw.below(3) }, (_, line): AttackRow => {
    const isFirst = line === 0;
    const who = isFirst || draw.once(2) ? personCells(draw, person, 'lines') : ['', '', '', ''];
    let parts = draw.of([
      ['2', '5'],
      ['1', '77.5'],
      ['3', '-1'],
      ['10', '0.125'],
      ['2', '5'],
      ['', ''],
      ['', '9'],
      ['4', ''],
    ]);
    if (parts.includes('') && !isMet('blankTerms')) parts = ['1', '2'];
    const date = isFirst || draw.once(2) ? dateOf(draw) : '';
    return {
      cells: [...who, purchase, date, ...parts, isFirst ? 'AUD' : ''],
      sure: [person.index],
      maybe: [],
    };
  });
}
