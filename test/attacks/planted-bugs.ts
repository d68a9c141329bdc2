import type { Edit } from '../support/planting.ts';
import type { Wish } from './history.ts';

/** A fault in the product's own code. `caught`: what a check that notices it says, in one of the first histories from the seed on that fit the wish. */
export type PlantedBug = {
  bug: string;
  edits: readonly Edit[];
  seed: number;
  wish: Wish;
  caught: RegExp;
  /** Only Spark shows it. */
  spark?: true;
};

const lake = /gold is what the rules say|run ends well|verify says Equal/;

export const PLANTED: readonly PlantedBug[] = [
  {
    bug: 'the names of files are patterns to a reader',
    edits: [],
    seed: 1,
    wish: { steps: ['run', 'otherLake'] },
    caught: lake,
  },
  {
    bug: 'Spark writes over a committed file',
    edits: [],
    seed: 1,
    wish: { steps: ['sparkRun'] },
    caught: /committed files stay|run ends well/,
    spark: true,
  },
  {
    bug: 'an erasure takes rows that only hold the number',
    edits: [],
    seed: 1,
    wish: { steps: ['erase'] },
    caught: /nobody's who was erased, and gone/,
  },
  {
    bug: 'the share of rejected rows forgets the erased ones',
    edits: [],
    seed: 1,
    wish: {
      steps: ['erase'],
      settings: {
        maxQuarantinedShare: 0.5,
        files: ['shop', 'old'],
        firstCustomerId: 1_000_000_001,
      },
    },
    caught: /gold is what the rules say/,
  },
  {
    bug: 'rows that an erasure took are not counted',
    edits: [],
    seed: 1,
    wish: { steps: ['erase'] },
    caught: /rows are conserved/,
  },
  {
    bug: 'files that hold an erased person beside others stay',
    edits: [],
    seed: 1,
    wish: { steps: ['erase'] },
    caught: /nothing of an erased person is left/,
  },
  {
    bug: 'a key is given the integer of a customer_id',
    edits: [],
    seed: 1,
    wish: { steps: ['run'], collides: true },
    caught: /no integer of a key is a customer_id/,
  },
  {
    bug: 'a copy of the lake takes the table over',
    edits: [],
    seed: 1,
    wish: { steps: ['trialCopy'] },
    caught: /a table of another lake is refused/,
  },
  {
    bug: 'two lakes open one embedded database',
    edits: [],
    seed: 1,
    wish: { steps: ['sideBySide'] },
    caught: /an embedded database is opened by one at a time/,
  },
  {
    bug: 'Spark puts values in place of names in braces',
    edits: [],
    seed: 1,
    wish: { steps: ['sparkRun'] },
    caught: /gold is what the rules say/,
    spark: true,
  },
  {
    bug: 'a table of another shape is loaded',
    edits: [],
    seed: 1,
    wish: { steps: ['alteredTable'] },
    caught: /a table of another shape is refused/,
  },
  {
    bug: 'a line with a blank term is left out',
    edits: [],
    seed: 1,
    wish: { steps: ['run'], settings: { files: ['lines'], maxQuarantinedShare: 1 } },
    caught: /gold is what the rules say/,
  },
];
