import { expect, test } from 'vitest';
import { countKinds, stackText } from '../../src/cli/aws/explain-stack.ts';

const template = {
  Resources: {
    A: { Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain' },
    B: { Type: 'AWS::S3::Bucket' },
    C: { Type: 'AWS::IAM::Role' },
    D: { Type: 'AWS::KMS::Key', DeletionPolicy: 'Retain' },
    E: { Type: 'AWS::New::Thing' },
  },
};

test('resources with a running cost come first, and unknown costs are marked as unknown', () => {
  expect(countKinds(template)).toEqual([
    { type: 'AWS::KMS::Key', what: 'KMS key', count: 1, paid: 'while there', stays: 1 },
    { type: 'AWS::S3::Bucket', what: 'S3 buckets', count: 2, paid: 'by use', stays: 1 },
    { type: 'AWS::New::Thing', what: 'AWS::New::Thing', count: 1, paid: 'unknown', stays: 0 },
    { type: 'AWS::IAM::Role', what: 'IAM role', count: 1, paid: 'no', stays: 0 },
  ]);
});

test('the output shows counts, costs, and what is kept', () => {
  const text = stackText('Shop', countKinds(template));
  expect(text).toContain('The stack Shop would have 5 resources. Nothing was created.');
  expect(text).toMatch(/2 {2}S3 buckets +kept when the stack is deleted/);
  expect(text).toContain('May be billed');
});
