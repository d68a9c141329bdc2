import { z } from 'zod';
import { type Path, shown } from './faults.ts';
import { RULE_KINDS } from './fields-shape.ts';
import { type ConfigInput, configShape } from './shape.ts';
import { isRecord } from '../is-record.ts';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodIssue;
export type ShapeFault = { path: Path; message: string };

const NOUNS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
};

/**
 * The value as a configuration, empty where its shape has faults, and every such fault with its
 * path.
 */
export function checkShape(value: unknown): { input: ConfigInput; faults: ShapeFault[] } {
  const result = configShape.safeParse(value, { error: describeIssue, reportInput: true });
  if (result.success) return { input: result.data, faults: [] };
  return { input: {}, faults: result.error.issues.flatMap((issue) => explain(issue, [])) };
}

function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type')
    return issue.input === undefined
      ? 'is missing'
      : `must be ${NOUNS[issue.expected] ?? issue.expected}, not ${shown(issue.input)}`;
  if (issue.code === 'invalid_value') return describeChoice(issue);
  if (issue.code === 'too_small' || issue.code === 'too_big') return describeSize(issue);
  if (issue.code === 'unrecognized_keys') return knownKeys(issue.inst).join(' ');
  return undefined;
}

function describeChoice({
  input,
  values,
}: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidValue>): string {
  const words = values.map(String).filter((word) => word.length > 1);
  const meant = typeof input === 'string' ? didYouMean(input, words) : '';
  const choices = values.map((word) => JSON.stringify(word)).join(', ');
  return `must be one of ${choices}, not ${shown(input)}${meant}`;
}

/**
 * The keys that an object's shape has; they travel as the issue's message, the one thing that an
 * issue keeps of its shape.
 */
function knownKeys(shape: unknown): string[] {
  return shape instanceof z.ZodObject ? Object.keys(shape.shape) : [];
}

function describeSize(
  issue: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig>,
): string {
  const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  const least = issue.code === 'too_small' ? 'at least' : 'at most';
  if (!Array.isArray(issue.input)) return `must be ${least} ${limit}, not ${shown(issue.input)}`;
  return `must hold ${least} ${limit}, not ${issue.input.length}`;
}

/**
 * The faults of an issue: one for each unknown key, and of a union those of the branch that was
 * meant.
 */
function explain(issue: Issue, above: Path): ShapeFault[] {
  const path = [
    ...above,
    ...issue.path.map((key) => (typeof key === 'number' ? key : String(key))),
  ];
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, known) }));
  }
  if (issue.code !== 'invalid_union') return [{ path, message: issue.message }];
  if (issue.input === undefined) return [{ path, message: 'is missing' }];
  if (isRecord(issue.input)) return explainRule(issue.errors, issue.input, path);
  return [{ path, message: `${issue.message}, not ${shown(issue.input)}` }];
}

/** Keys of a rule that are none of its kind. */
const BESIDE_A_KIND = ['separator', 'minus', 'blank'];

/**
 * A field's rule is an object of exactly one kind: the key of its kind tells which branch was
 * meant.
 */
function explainRule(branches: Issue[][], rule: Record<string, unknown>, path: Path): ShapeFault[] {
  const objects = branches.filter((issues) => !issues.some(isOtherType));
  if (objects.length === 0) return [{ path, message: `${branchNouns(branches)}, not an object` }];
  const meant = objects.filter((issues) => !issues.some(lacksKind));
  const [branch, other] = meant;
  if (branch !== undefined && other === undefined)
    return branch.flatMap((issue) => explain(issue, path));
  const named = RULE_KINDS.filter((kind) => kind in rule);
  if (branch !== undefined)
    return [
      { path, message: `names ${named.join(' and ')}: a field is made in one of these ways` },
    ];
  const allowed = objects.flatMap((issues) =>
    issues.filter(lacksKind).map((issue) => String(issue.path[0])),
  );
  const unknown = Object.keys(rule).filter((key) => !BESIDE_A_KIND.includes(key));
  if (unknown.length === 0) return [{ path, message: `must hold one of ${allowed.join(', ')}` }];
  return unknown.map((key) => ({
    path: [...path, key],
    message: RULE_KINDS.some((kind) => kind === key)
      ? `cannot make this field, which takes ${allowed.join(', ')}`
      : unknownKey(key, allowed),
  }));
}

const isOtherType = (issue: Issue): boolean =>
  issue.path.length === 0 && issue.code === 'invalid_type';

const lacksKind = (issue: Issue): boolean =>
  issue.path.length === 1 &&
  issue.input === undefined &&
  RULE_KINDS.some((kind) => kind === issue.path[0]);

function branchNouns(branches: Issue[][]): string {
  const expected = branches
    .flat()
    .flatMap((issue) => (issue.code === 'invalid_type' ? [issue.expected] : []));
  return `must be ${expected.map((type) => NOUNS[type] ?? type).join(' or ')}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  if (key === 'blank' && known.includes('product'))
    return 'is for a sum only: a product with a blank factor has no amount';
  return `is not known here${didYouMean(key, known) || `; known are ${known.join(', ')}`}`;
}
