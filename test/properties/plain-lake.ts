import type { OracleInput, OracleObject } from '../oracle/index.ts';
import { type HandSource, handSource } from '../oracle/hand-lake.ts';

/** Midday of 3 April 2026 in Sydney. */
export const NOON = 1_775_181_600;

/** A lake of one source with Sydney's days and two currencies besides AUD. */
export const plainLake = (objects: OracleObject[], source: HandSource = {}): OracleInput => ({
  objects,
  sources: [handSource(source)],
  timeZone: 'Australia/Sydney',
  rates: [
    { currency: 'EUR', rate_date: '2026-03-30', rate: '1.650000000000' },
    { currency: 'USD', rate_date: '2026-03-30', rate: '1.500000000000' },
  ],
  maxAgeDays: 7,
  maxQuarantinedShare: 1,
  maxInflation: 200,
  firstCustomerId: 1_000_000_001,
  registry: new Map(),
});
