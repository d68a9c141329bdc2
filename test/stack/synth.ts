import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { JOBS } from '../../cdk/permissions/access.ts';
import { REASON, REPORT_ALL } from '../../cdk/permissions/nag-reasons.ts';
import { StackShape } from '../../cdk/props.ts';
import { PurchasesStack } from '../../cdk/stack.ts';

export type Resource = {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
};
/** A finding of cdk-nag, and a reason given for one: `rule at construct`. */
export type Synthesised = {
  file: string;
  template: { Resources: Record<string, Resource> };
  findings: string[];
  reasons: { at: string; reason: string }[];
};

/** The stack with stand-ins for its code, every finding reported and every reason listed. */
export function synthesise(choices: object = {}): Synthesised {
  const folder = mkdtempSync(join(tmpdir(), 'purchases-stack-'));
  const outdir = join(folder, 'out');
  const context = { [REPORT_ALL]: true };
  const app = new App({ outdir, context, analyticsReporting: false });
  const shape = StackShape.parse(choices);
  const stack = new PurchasesStack(app, shape.stackName, {
    choices: shape,
    code: standIns(folder),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  let isReported = false;
  try {
    app.synth();
  } catch (error) {
    isReported = error instanceof Error && error.name === 'ValidationFailed';
    if (!isReported) throw error;
  }
  const file = join(outdir, `${stack.stackName}.template.json`);
  return {
    file,
    template: JSON.parse(readFileSync(file, 'utf8')) as Synthesised['template'],
    findings: findingsIn(join(outdir, 'validation-report.json')),
    reasons: app.node
      .findAll()
      .flatMap(({ node }) =>
        node.metadata
          .filter(({ type }) => type === REASON)
          .map(({ data }) => ({ at: `${data.id} at ${node.path}`, reason: String(data.reason) })),
      ),
  };
}

function standIns(folder: string): { bundles: string; scripts: string } {
  for (const name of ['light', 'duckdb', 'scripts']) mkdirSync(join(folder, name));
  for (const name of ['light', 'duckdb'])
    writeFileSync(join(folder, name, 'a.mjs'), `export const bundle = '${name}';\n`);
  for (const { script } of Object.values(JOBS))
    writeFileSync(join(folder, 'scripts', script), `print("${script}")\n`);
  return { bundles: folder, scripts: join(folder, 'scripts') };
}

type Report = {
  pluginReports: {
    pluginName: string;
    violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[];
  }[];
};

function findingsIn(file: string): string[] {
  const { pluginReports } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  return pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    ),
  );
}
