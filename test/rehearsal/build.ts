import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildLambdas } from '../../scripts/build-lambdas.ts';
import { account } from './account.ts';
import { type FunctionNode, functionNode } from './lambda-node.ts';
import { synthesise, type Template } from './template.ts';

declare module 'vitest' {
  interface ProvidedContext {
    template: Template;
    node: FunctionNode;
  }
}

/**
 * Builds the artefacts for AWS once: the bundles, the scripts, and the template that names them.
 * Prints the account at the end.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'rehearsal-'));
  const bundles = join(folder, 'bundles');
  const lines = join(folder, 'account');
  const [node] = await Promise.all([functionNode(), buildLambdas({ out: bundles })]);
  provide('template', await synthesise(join(folder, 'cdk.out'), { bundles }));
  provide('node', node);
  provide('account', lines);
  return async () => {
    console.log(await account(lines, node));
    await rm(folder, { recursive: true, force: true });
  };
}
