import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigInvalid } from '../../errors.ts';
import { checkInput } from './check-input.ts';
import { pathText } from './faults.ts';
import { loadConfig } from '../load.ts';

const faultsOf = (value: unknown) =>
  checkInput(value).faults.map(({ path, message }) => `${pathText(path)}: ${message}`);

describe('all faults', () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'purchases-faults-'));
  });
  afterAll(() => rm(cwd, { recursive: true }));

  it.each([
    [
      'purchases.config.yaml',
      'lake: 5\nsources:\n  - name: a\n    fields:\n      amount: { product: [a, true] }\n    match: /x\nextra: 1\n',
      ['1:1', '5:30', '6:5', '7:1'],
    ],
    [
      'purchases.config.json',
      '{\n  "lake": 5,\n  "sources": [\n    { "name": "a",\n      "match": "/x" } ],\n  "extra": 1\n}',
      ['2:3', '5:7', '6:3'],
    ],
  ])(
    'of %s are reported at once, in its order, each with line and column',
    async (name, content, places) => {
      await writeFile(join(cwd, name), content);
      const error: unknown = await loadConfig({
        cwd,
        env: { PURCHASES_TIME_ZONE: 'Mars' },
        flags: { config: name, lake: '', warehouse: 'postgers://u:secret@h/d', fxRates: 'ftp://x' },
      }).catch((thrown: unknown) => thrown);
      if (!(error instanceof ConfigInvalid)) throw new Error('must be refused as ConfigInvalid');
      expect(error.exitCode).toBe(2);
      expect(error.hint).toContain('Fix every line');
      expect(
        [...error.message.matchAll(/purchases\.config\.\w+:(\d+:\d+) /g)].map(([, place]) => place),
      ).toEqual(places);
      for (const where of [
        '--lake: must name a path',
        '--warehouse: must start',
        'PURCHASES_TIME_ZONE: must be',
        '--fx-rates: must be',
      ])
        expect(error.message).toContain(where);
      expect(error.message).not.toContain('secret');
    },
  );

  it('of a warehouse URL are reported without its password', () => {
    for (const key of ['lake', 'warehouse', 'timeZone', 'firstCustomerId'])
      expect(faultsOf({ [key]: 'postgers://u:secret@h/d' }).join()).toMatch(
        new RegExp(`^${key}: (?!.*secret)`),
      );
  });
});
