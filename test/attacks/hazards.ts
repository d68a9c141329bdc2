/**
 * Hazards of a history besides regular files and commands. Each step is also a hazard, by its name.
 */
type Hazard =
  | 'patterns'
  | 'quotes'
  | 'refusedNames'
  | 'shares'
  | 'uncertainRows'
  | 'collisions'
  | 'blankTerms'
  | 'conservation'
  | 'remains'
  | 'copies';

/**
 * Hazards to skip, to look past known faults: `PURCHASES_TEST_WITHOUT=patterns,refusedNames`. The
 * random draws stay the same.
 */
const WITHOUT: readonly string[] = (process.env['PURCHASES_TEST_WITHOUT'] ?? '').split(',');

export const isMet = (hazard: Hazard): boolean => !WITHOUT.includes(hazard);
export const isPlayed = (step: string): boolean => !WITHOUT.includes(step);
