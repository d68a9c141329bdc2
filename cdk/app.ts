import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { packaged } from './paths.ts';
import { readChoices } from './props.ts';
import { PurchasesStack } from './stack.ts';

/**
 * Entry point of the CDK command. `-c choices=FILE` names a file of choices; `-c bundles=FOLDER`
 * and `-c scripts=FOLDER` name other code.
 */
const app = new App();
const context = (name: string): string | undefined =>
  app.node.tryGetContext(name) as string | undefined;
const choices = readChoices(context('choices'));
new PurchasesStack(app, choices.stackName, {
  choices,
  code: {
    bundles: context('bundles') ?? packaged('dist/lambda'),
    scripts: context('scripts') ?? packaged('glue'),
  },
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
