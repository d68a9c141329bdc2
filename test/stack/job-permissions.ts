import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { JOBS } from '../../cdk/permissions/access.ts';
import type { Synthesised } from './synth.ts';

type Statement = { Effect: string; Action: string | string[]; Resource: unknown };

/** The permissions that calls of boto3 need. */
const CALLS: Record<string, readonly string[]> = {
  get_object: ['s3:GetObject'],
  download_file: ['s3:GetObject'],
  put_object: ['s3:PutObject'],
  copy_object: ['s3:GetObject', 's3:PutObject'],
  list_objects_v2: ['s3:ListBucket'],
  delete_objects: ['s3:DeleteObject'],
  get_secret_value: ['secretsmanager:GetSecretValue'],
};
const CALL =
  /\b(?:s3\(\)|client)\.(?!get_paginator\b|exceptions\b)(\w+)\(|get_paginator\("(\w+)"\)/g;
/**
 * Actions of Spark and Glue themselves: multipart uploads, logs, metrics, the connection and its
 * network interface, the key.
 */
const BY_GLUE = /^(?:s3:AbortMultipartUpload|logs:|cloudwatch:|glue:GetConnection|ec2:|kms:)/;

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../glue/${path}`, import.meta.url)), 'utf8');

/** The texts of a script and of the library's modules that it imports. */
function reached(path: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(path)) return seen;
  const text = read(path);
  seen.set(path, text);
  for (const [, module] of text.matchAll(/from purchases_spark\.(\w+) import/g))
    reached(`purchases_spark/${module}.py`, seen);
  for (const [, modules = ''] of text.matchAll(/from purchases_spark import ([\w, ]+)/g))
    for (const module of modules.split(', ')) reached(`purchases_spark/${module}.py`, seen);
  return seen;
}

/** Checks that each job's role allows exactly what its scripts need. */
export function jobPermissionTests(stack: () => Synthesised): void {
  describe('each job may do what its script does, and nothing else', () => {
    test.each(Object.entries(JOBS))('%s', (name, { script }) => {
      const calls = [...reached(script).values()].flatMap((text) =>
        [...text.matchAll(CALL)].map(([, call, paged]) => call ?? paged ?? ''),
      );
      expect(calls.filter((call) => CALLS[call] === undefined)).toEqual([]);
      const needed = new Set(calls.flatMap((call) => CALLS[call] ?? []));
      const granted = new Set(
        Object.entries(stack().template.Resources)
          .filter(
            ([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith(`Jobs${name}Role`),
          )
          .flatMap(
            ([, { Properties }]) => Object(Properties['PolicyDocument']).Statement as Statement[],
          )
          .flatMap(({ Action }) => Action),
      );
      expect([...needed].filter((action) => !granted.has(action))).toEqual([]);
      const spare = [...granted].filter((action) => !needed.has(action) && !BY_GLUE.test(action));
      expect(spare).toEqual([]);
    });
  });
}
