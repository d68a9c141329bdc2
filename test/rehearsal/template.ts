import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export type Resource = { Type: string; Properties?: Record<string, unknown> };
/** The template for CloudFormation, and the folder of its assets. */
export type Template = { Resources: Record<string, Resource>; folder: string };

/** Synthesises the stack as `cdk synth` does, offline, with the functions of the bundles. */
export async function synthesise(folder: string, code: { bundles: string }): Promise<Template> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const context = JSON.stringify(code);
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'cdk/app.ts'], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: context },
  });
  const text = await readFile(join(folder, 'CustomerPurchases.template.json'), 'utf8');
  const { Resources } = JSON.parse(text) as Pick<Template, 'Resources'>;
  return { Resources, folder };
}

/** The values of `Ref` (by the empty name) and `Fn::GetAtt` of a resource. */
export type Attributes = Record<string, string>;

export const ACCOUNT = '123456789012';
export const REGION = 'ap-southeast-2';

const PSEUDO: Attributes = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'CustomerPurchases',
};

/** Replaces the intrinsic functions in a value. Error: an unknown function or reference. */
export function resolver(attributesOf: (logicalId: string) => Attributes) {
  const get = (logicalId: string, name: string): string => {
    const value = PSEUDO[logicalId] ?? attributesOf(logicalId)[name];
    if (value === undefined) throw new Error(`${logicalId} has no ${name || 'Ref'} here`);
    return value;
  };
  const substitute = (text: string): string =>
    text.replaceAll(/\$\{([^!}.]+)(?:\.([^}]+))?\}/g, (_, id: string, name = '') => get(id, name));

  return function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve);
    if (value === null || typeof value !== 'object') return value;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
    if (others.length > 0 || !/^(?:Ref$|Fn::)/.test(name))
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
    if (name === 'Ref') return get(String(argument), '');
    if (name === 'Fn::GetAtt') {
      const [logicalId, ...attribute] = argument as string[];
      return get(String(logicalId), attribute.join('.'));
    }
    if (name === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(resolve).join(separator);
    }
    if (name === 'Fn::Sub' && typeof argument === 'string') return substitute(argument);
    throw new Error(`${name} is not known here`);
  };
}
