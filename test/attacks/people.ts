import type { Draw } from '../faults/lake-history.ts';

/** A customer of a history, with the shop's integer or with a text (`key`). */
export type Person = {
  index: number;
  id: string | null;
  key: string | null;
  first: string;
  last: string;
  email: string;
};

/** `shared` e-mail addresses and names belong to two people. */
export type People = {
  all: readonly Person[];
  sharedName: boolean;
  sharedEmail: boolean;
  /** The people that rows are drawn from (`someRows`), if a history targets some. */
  rowKinds?: readonly number[] | undefined;
};

const IDS = ['1', '5', '77', '900', '2147483647', '12', '3'] as const;
const WITH_ID = 5;
const WITH_KEY = 3;

/** Unique words, so that a search of all bytes finds any trace of a person. */
const word = (kind: string, seed: number, index: number): string =>
  `${kind}${(seed * 977 + 40_000).toString(36)}q${'abcdefgh'[index] ?? 'z'}x`;

/**
 * Eight customers, five of them with integers. `collidingId`: one of these integers is in the range
 * that keys are assigned from.
 */
export function peopleOf(draw: Draw, seed: number, collidingId: number | undefined): People {
  const sharedName = draw.once(4);
  const sharedEmail = draw.once(6);
  const all = Array.from({ length: WITH_ID + WITH_KEY }, (_, index): Person => {
    const named = sharedName && index === 1 ? 0 : index;
    const mailed = sharedEmail && index === 3 ? 2 : index;
    const email = `${word('mel', seed, mailed)}@example.org`;
    const hasId = index < WITH_ID;
    const isColliding = index === WITH_ID - 1 && collidingId !== undefined;
    return {
      index,
      id: hasId ? (isColliding ? String(collidingId) : (IDS[index] ?? '0')) : null,
      key: hasId ? null : index % 2 === 0 ? email : word('cus', seed, index),
      first: word('Vex', seed, named),
      last: index % 3 === 0 ? 'Zo\u00eb' : 'Lee',
      email,
    };
  });
  return { all, sharedName, sharedEmail };
}

/** The person's arguments on the command line. */
export const nameOf = (person: Person): string => person.id ?? person.key ?? '';

/** Texts that identify this person and no other. */
export function wordsOf({ all }: People, person: Person): string[] {
  const others = all.filter((one) => one !== person);
  return [person.first, person.email, person.key]
    .flatMap((text) => text ?? [])
    .filter((text) => !others.some((one) => [one.first, one.email, one.key].includes(text)));
}
