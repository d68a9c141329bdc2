import { createHash } from 'node:crypto';

import { LedgerDamaged } from '../../errors.ts';

const SEAL = ',"digest":"';
const SEAL_LENGTH = SEAL.length + 64 + 3;

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/**
 * Serialises an object as JSON with the sha-256 of that JSON as its last property. Damage of the
 * newest commit could not be detected otherwise, since no later one holds its digest.
 */
export function sealed(value: object): Uint8Array {
  const text = JSON.stringify(value);
  return Buffer.from(`${text.slice(0, -1)}${SEAL}${sha256(Buffer.from(text))}"}\n`);
}

/** Parses sealed bytes. Error: `LedgerDamaged`, naming the object. */
export function unsealed(key: string, bytes: Uint8Array): unknown {
  const end = Math.max(0, bytes.length - SEAL_LENGTH);
  const text = Buffer.concat([bytes.subarray(0, end), Buffer.from('}')]);
  if (Buffer.from(bytes.subarray(end)).toString() !== `${SEAL}${sha256(text)}"}\n`)
    throw ledgerDamaged(key, 'its digest does not fit its content');
  return JSON.parse(text.toString('utf8'));
}

export const ledgerDamaged = (key: string, what: string): LedgerDamaged =>
  new LedgerDamaged(`The ledger object ${key} is damaged: ${what}.`, {
    hint: 'Restore it from a backup of the lake; nothing was changed.',
  });
