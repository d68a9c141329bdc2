import { describe, expect, test } from 'vitest';
import type { Resource, Synthesised } from './synth.ts';

type Statement = {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Principal: string | Record<string, unknown>;
  Condition?: Record<string, Record<string, unknown>>;
};

/** Properties in which a CDK template may carry a resource policy. */
const POLICIES = ['PolicyDocument', 'KeyPolicy', 'ResourcePolicy'];

/**
 * Checks that no outside party has access, neither by a service that acts for another account nor
 * by an exposed secret.
 */
export function outsideAccessTests(stack: () => Synthesised): void {
  const resources = (): [string, Resource][] => Object.entries(stack().template.Resources);
  const statements = (): [string, Statement][] =>
    resources()
      .filter(([, { Type }]) => !Type.startsWith('AWS::IAM::'))
      .flatMap(([id, { Properties }]) =>
        POLICIES.flatMap((name) => {
          const { Statement = [] } = Object(Properties[name]) as { Statement?: Statement[] };
          return Statement.map((statement): [string, Statement] => [id, statement]);
        }),
      )
      .filter(([, { Effect }]) => Effect === 'Allow');

  describe('outside access', () => {
    test('a service acts on a queue, topic, key or bucket only for this account', () => {
      const services = statements().filter(([, { Principal }]) => 'Service' in Object(Principal));
      expect(services.length).toBeGreaterThan(5);
      const source = /^aws:Source(?:Arn|Account)$|^kms:EncryptionContext:aws:logs:arn$/;
      const open = services.filter(
        ([, { Condition = {} }]) =>
          !Object.values(Condition)
            .flatMap((each) => Object.keys(each))
            .some((key) => source.test(key)),
      );
      expect(open).toEqual([]);
    });

    test('a resource policy admits only services and this account', () => {
      const open = statements().filter(([, { Principal }]) => {
        const { AWS, Service } = Object(Principal) as Record<string, unknown>;
        const isThisAccount = JSON.stringify(AWS ?? '').includes('"AWS::AccountId"');
        return Principal === '*' || (Service === undefined && !isThisAccount);
      });
      expect(open).toEqual([]);
    });

    test('a function is called only by its own rule or machine', () => {
      const open = resources().filter(
        ([, { Type, Properties }]) =>
          Type === 'AWS::Lambda::Permission' && Properties['SourceArn'] === undefined,
      );
      expect(open).toEqual([]);
      expect(resources().filter(([, { Type }]) => Type === 'AWS::Lambda::Url')).toEqual([]);
    });

    test('no password, key or token is in the template', () => {
      const secret = /password|secret|token|credential/i;
      const found: string[] = [];
      const look = (at: string, value: unknown): void => {
        if (value === null || typeof value !== 'object') return;
        for (const [key, inner] of Object.entries(value)) {
          if (secret.test(key) && typeof inner === 'string') found.push(`${at}.${key}: ${inner}`);
          look(`${at}.${key}`, inner);
        }
      };
      for (const [id, { Properties }] of resources()) look(id, Properties);
      // The name of the database's user; AWS generates the password, which no person sees.
      const known = 'SecretStringTemplate: {"username":"purchases"}';
      expect(found.filter((line) => !line.endsWith(known))).toEqual([]);
    });
  });
}
