import type { Message } from '@aws-sdk/client-sqs';
import type { CloudFault } from '../servers/moto.ts';

/** A generator of numbers from 0 (inclusive) to 1 (exclusive), repeatable by its seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Weather = {
  random: () => number;
  /**
   * The share of upload and removal notices that are lost, and the share that arrive with a later
   * delivery.
   */
  lost: number;
  late: number;
};
export type Counts = { sent: number; lost: number; late: number; repeated: number };

/**
 * Message faults: each message arrives one to five times, in any order, in batches of any size;
 * some late, some never.
 */
export function weather({ random, lost, late }: Weather): {
  tamper: (messages: Message[]) => Message[][];
  counts: Counts;
} {
  const counts: Counts = { sent: 0, lost: 0, late: 0, repeated: 0 };
  let held: Message[] = [];

  function copiesOf(message: Message): Message[] {
    counts.sent += 1;
    if (message.Body?.includes('"Records"') !== true) return [message];
    const chance = random();
    if (chance < lost) counts.lost += 1;
    else if (chance < lost + late) {
      counts.late += 1;
      held.push(message);
    } else {
      const times = 1 + Math.floor(random() * 5);
      counts.repeated += times - 1;
      return Array.from({ length: times }, () => message);
    }
    return [];
  }

  function tamper(messages: Message[]): Message[][] {
    const overdue = held;
    held = [];
    const shuffled = [...overdue, ...messages.flatMap(copiesOf)]
      .map((message) => ({ message, place: random() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ message }) => message);
    const batches: Message[][] = [];
    while (shuffled.length > 0) batches.push(shuffled.splice(0, 1 + Math.floor(random() * 12)));
    return batches;
  }
  return { tamper, counts };
}

/** Services that are busy for a while: each rejects some calls. */
export const BUSY_SERVICES: CloudFault[] = [
  { method: 'PUT', match: '/datalake/', times: 6, status: 503, code: 'SlowDown' },
  { method: 'GET', match: '/datalake/', times: 6, status: 503, code: 'SlowDown' },
  { method: 'POST', match: 'StartExecution', times: 2, status: 400, code: 'ThrottlingException' },
  { method: 'POST', match: '/functions/', times: 3, status: 429, code: 'TooManyRequestsException' },
  { method: 'POST', match: 'AWSGlue.', times: 3, status: 400, code: 'ThrottlingException' },
];

/** The seed of a rehearsal: `PURCHASES_REHEARSAL_SEED`, or a random one. */
export const newSeed = (): number =>
  Number(process.env['PURCHASES_REHEARSAL_SEED'] ?? Math.floor(Math.random() * 1e9));
