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

/** Checks the shape of a value. Returns it as a configuration, or all faults with their paths. */
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
 * The keys of an object's shape. They travel in the issue's message, as issues lose their shape.
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
  return `must have ${least} ${limit} ${limit === 1 ? 'item' : 'items'}, not ${issue.input.length}`;
}

/** Lists the faults of an issue: one for each unknown key, and for a union those of its branch. */
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

/** Keys of a rule that do not name its kind. */
const BESIDE_A_KIND = ['separator', 'minus', 'blank'];

/** Explains a field's rule, which has exactly one kind. The kind's key decides the branch. */
function explainRule(branches: Issue[][], rule: Record<string, unknown>, path: Path): ShapeFault[] {
  const objects = branches.filter((issues) => !issues.some(isOtherType));
  if (objects.length === 0) return [{ path, message: `${branchNouns(branches)}, not an object` }];
  const meant = objects.filter((issues) => !issues.some(lacksKind));
  const [branch, other] = meant;
  if (branch !== undefined && other === undefined)
    return branch.flatMap((issue) => explain(issue, path));
  const kinds = RULE_KINDS.filter((kind) => kind in rule);
  if (branch !== undefined)
    return [{ path, message: `has ${kinds.join(' and ')}: keep one of them` }];
  const allowed = objects.flatMap((issues) =>
    issues.filter(lacksKind).map((issue) => String(issue.path[0])),
  );
  const unknown = Object.keys(rule).filter((key) => !BESIDE_A_KIND.includes(key));
  if (unknown.length === 0) return [{ path, message: `must have one of ${allowed.join(', ')}` }];
  return unknown.map((key) => ({
    path: [...path, key],
    message: RULE_KINDS.some((kind) => kind === key)
      ? `is not supported for this field, which supports ${allowed.join(', ')}`
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
    return 'applies only to a sum: a product with a blank factor has no amount';
  return `is not a known key${didYouMean(key, known) || `; known keys are ${known.join(', ')}`}`;
}
