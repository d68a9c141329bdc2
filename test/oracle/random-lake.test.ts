import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oracle, randomLake, type OracleInput, type OracleOutput } from './index.ts';

const RUNS = 60;

function contentOf(out: OracleOutput) {
  return { ...out, objects: new Map(out.objects), registry: [...out.registry] };
}

function totalCents(texts: (string | null)[]): bigint {
  return texts.reduce((sum, text) => sum + BigInt((text ?? '0').replace('.', '')), 0n);
}

function holds(property: (lake: OracleInput) => void): void {
  fc.assert(fc.property(randomLake(), property), { numRuns: RUNS });
}

describe('random lakes', () => {
  test('the order in which objects are listed does not matter', () => {
    holds((lake) => {
      const turnedRound = {
        ...lake,
        objects: lake.objects.toReversed(),
        rates: lake.rates.toReversed(),
      };
      expect(contentOf(oracle(turnedRound))).toEqual(contentOf(oracle(lake)));
    });
  });

  test('every cent and every purchase of the counting versions is in gold once', () => {
    holds((lake) => {
      const { versions, gold } = oracle(lake);
      const counting = versions.filter((one) => one.outcome === 'accepted');
      expect(totalCents(gold.map((row) => row.total_spent_aud))).toBe(
        totalCents(counting.map((one) => one.amount_aud)),
      );
      const bought = counting.filter((one) => !one.amount?.startsWith('-'));
      expect(gold.reduce((sum, row) => sum + Number(row.purchase_count), 0)).toBe(bought.length);
    });
  });

  test('a second run with the registry of the first has the same result', () => {
    holds((lake) => {
      const first = oracle(lake);
      expect(contentOf(oracle({ ...lake, registry: first.registry }))).toEqual(contentOf(first));
    });
  });

  test('rejected rows have reasons and every object has a report', () => {
    holds((lake) => {
      const out = oracle(lake);
      expect(out.objects.size).toBe(lake.objects.length);
      for (const row of out.quarantine) expect(row.reasons.length).toBeGreaterThan(0);
      const rejected = [...out.objects.values()].reduce(
        (sum, one) => sum + one.rows.quarantined,
        0,
      );
      expect(out.quarantine).toHaveLength(rejected);
    });
  });

  test('without spoiling every object can be read, and all outcomes and the reasons of money occur', () => {
    const seen = new Set<string>();
    for (const lake of fc.sample(randomLake({ spoiled: false }), { numRuns: 120, seed: 1 })) {
      const out = oracle({ ...lake, maxQuarantinedShare: 1 });
      for (const [key, { reason }] of out.objects) {
        // Blank keys that JSON leaves out in every row are missing.
        const mayBeJson =
          /json/i.test(key) || lake.sources.some(({ format }) => format.type === 'json');
        const isLeftOut = reason === 'schema_mismatch' && mayBeJson;
        expect(isLeftOut ? undefined : reason).toBe(
          /elsewhere|copy-of/.test(key) ? reason && 'no_source' : undefined,
        );
      }
      for (const { outcome } of out.versions) seen.add(outcome);
      for (const reason of out.quarantine.flatMap((row) => row.reasons)) seen.add(reason);
    }
    for (const name of [
      'accepted',
      'duplicate',
      'superseded',
      'deleted',
      'amount_invalid',
      'amount_out_of_range',
      'fx_rate_missing',
    ]) {
      expect(seen).toContain(name);
    }
  });
});
