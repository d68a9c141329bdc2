import { ruleTransitions } from './posix-zone.ts';
import type { Transition, ZoneTransitions } from '../src/medallion/sql/zone-code.ts';

const FROM = Date.UTC(1900, 0, 1) / 1000;
const TO = Date.UTC(2100, 0, 1) / 1000;

type Block = { types: number[]; transitions: Transition[]; end: number };

/** True if the file is a compiled zone (RFC 8536). */
export function isTzif(bytes: Buffer): boolean {
  return bytes.subarray(0, 4).toString('latin1') === 'TZif';
}

/**
 * Reads a compiled zone of version 2 or later: its transitions, then its closing rule, from 1900 to
 * 2100.
 */
export function readTzif(bytes: Buffer): ZoneTransitions {
  if (bytes[4] === 0) throw new Error('a compiled zone of version 1 ends in 2037');
  const { types, transitions, end } = readBlock(bytes, readBlock(bytes, 0, 4).end, 8);
  const rule = bytes.subarray(end + 1, bytes.indexOf('\n', end + 1)).toString('latin1');
  return clip(types[0] ?? 0, [
    ...transitions,
    ...fromRule(rule, transitions.at(-1)?.at ?? -Infinity),
  ]);
}

/**
 * A header of 44 bytes with six counts, then times, their types, the offsets of the types, and data
 * that is not used here.
 */
function readBlock(bytes: Buffer, start: number, width: 4 | 8): Block {
  const count = (index: number) => bytes.readUInt32BE(start + 20 + 4 * index);
  const [utc, standard, leaps, times, kinds, letters] = [0, 1, 2, 3, 4, 5].map(count) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const typesAt = start + 44 + times * width;
  const offsetsAt = typesAt + times;
  const types = Array.from({ length: kinds }, (_, i) => bytes.readInt32BE(offsetsAt + 6 * i));
  const transitions = Array.from({ length: times }, (_, i) => ({
    at:
      width === 4
        ? bytes.readInt32BE(start + 44 + 4 * i)
        : Number(bytes.readBigInt64BE(start + 44 + 8 * i)),
    offset: types[bytes.readUInt8(typesAt + i)] ?? 0,
  }));
  const end = offsetsAt + kinds * 6 + letters + leaps * (width + 4) + standard + utc;
  return { types, transitions, end };
}

function fromRule(rule: string, after: number): Transition[] {
  const transitions: Transition[] = [];
  for (let year = 1900; year < 2100; year += 1) {
    transitions.push(
      ...(rule === '' ? [] : ruleTransitions(rule, year)).filter(({ at }) => at > after),
    );
  }
  return transitions;
}

/**
 * Keeps transitions between 1900 and 2100 that change the offset; the offset before them is the
 * initial one.
 */
function clip(first: number, all: Transition[]): ZoneTransitions {
  const initialOffset = all.findLast(({ at }) => at <= FROM)?.offset ?? first;
  let offset = initialOffset;
  const transitions = all.filter((next) => {
    if (next.at <= FROM || next.at >= TO || next.offset === offset) return false;
    offset = next.offset;
    return true;
  });
  return { initialOffset, transitions };
}
