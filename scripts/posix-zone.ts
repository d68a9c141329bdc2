import type { Transition } from '../src/medallion/sql/zone-code.ts';

/**
 * The POSIX rule that ends a compiled zone, such as `AEST-10AEDT,M10.1.0,M4.1.0/3`. It applies
 * after the last transition.
 */
const RULE =
  /^(<[^>]+>|[A-Za-z]+)([-+]?[\d:]+)(?:(<[^>]+>|[A-Za-z]+)([-+]?[\d:]+)?,([^,]+),([^,]+))?$/;

/**
 * The changes that the rule causes in a year, in order; none if the zone keeps one offset. Offsets
 * are in seconds east.
 */
export function ruleTransitions(rule: string, year: number): Transition[] {
  const match = RULE.exec(rule);
  if (match === null) throw new Error(`cannot read the rule ${rule}`);
  const [, , standardText = '', summerName, summerText, start = '', end = ''] = match;
  if (summerName === undefined) return [];
  // POSIX offsets count westwards; subtracted from 0, so that none becomes -0.
  const standard = 0 - seconds(standardText);
  const summer = summerText === undefined ? standard + 3600 : 0 - seconds(summerText);
  return [
    { at: localTime(start, year) - standard, offset: summer },
    { at: localTime(end, year) - summer, offset: standard },
  ].toSorted((a, b) => a.at - b.at);
}

/**
 * `M10.1.0/3`: month, week (5 is the last), day of the week, hour (default 2; it may be negative or
 * above 24).
 */
function localTime(text: string, year: number): number {
  const [date = '', time = '2'] = text.split('/');
  const match = /^M(\d+)\.(\d)\.(\d)$/.exec(date);
  if (match === null) throw new Error(`cannot read the date ${text}`);
  const [month = 0, week = 0, weekday = 0] = match.slice(1).map(Number);
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const inMonth = 1 + ((weekday - first + 7) % 7) + (week - 1) * 7;
  const day = inMonth > days ? inMonth - 7 : inMonth;
  return Date.UTC(year, month - 1, day) / 1000 + seconds(time);
}

/** `[-+]h[h][:mm[:ss]]` */
function seconds(text: string): number {
  const [hours = 0, minutes = 0, rest = 0] = text.replace(/^[-+]/, '').split(':').map(Number);
  return (text.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + rest);
}
