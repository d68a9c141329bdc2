import type { Message } from '@aws-sdk/client-sqs';
import type { CloudFault } from '../servers/moto.ts';

/** A generator of numbers from 0 to below 1 that a seed repeats. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Told = { sent: number; lost: number; repeated: number };

/** Messages on a bad day: one in five of the notices is lost, the others come one to five times, in any order, in batches of any size. */
export function badDay(random: () => number, told: Told): (messages: Message[]) => Message[][] {
  return (messages) => {
    const copies: Message[] = [];
    for (const message of messages) {
      const isNotice = message.Body?.includes('"Records"') === true;
      const isLost = isNotice && random() < 0.2;
      const times = isLost ? 0 : isNotice ? 1 + Math.floor(random() * 5) : 1;
      told.sent += 1;
      if (isLost) told.lost += 1;
      told.repeated += Math.max(0, times - 1);
      copies.push(...Array.from({ length: times }, () => message));
    }
    const shuffled = copies
      .map((message) => ({ message, place: random() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ message }) => message);
    const batches: Message[][] = [];
    while (shuffled.length > 0) batches.push(shuffled.splice(0, 1 + Math.floor(random() * 12)));
    return batches;
  };
}

/** Services that are busy for a while: each refuses some calls. */
export const BUSY_SERVICES: CloudFault[] = [
  { method: 'PUT', match: '/datalake/', times: 6, status: 503, code: 'SlowDown' },
  { method: 'GET', match: '/datalake/', times: 6, status: 503, code: 'SlowDown' },
  { method: 'POST', match: 'StartExecution', times: 2, status: 400, code: 'ThrottlingException' },
  { method: 'POST', match: '/functions/', times: 3, status: 429, code: 'TooManyRequestsException' },
  { method: 'POST', match: 'AWSGlue.', times: 3, status: 400, code: 'ThrottlingException' },
];
