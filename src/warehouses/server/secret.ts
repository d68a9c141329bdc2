import { RemoteFailed, RemoteRefused } from '../../errors.ts';

/**
 * The content of a secret: of the JSON that RDS writes, `username` and `password`; else the text is
 * the password.
 */
export type Secret = { user: string | undefined; password: string };

/**
 * Reads a secret of AWS Secrets Manager by its name or ARN, which names the region too. Errors:
 * `RemoteRefused`, `RemoteFailed`; never with the content.
 */
export async function readSecret(id: string): Promise<Secret> {
  const { GetSecretValueCommand, SecretsManagerClient } =
    await import('@aws-sdk/client-secrets-manager');
  const region = /^arn:[\w-]+:secretsmanager:([\w-]+):/.exec(id)?.[1];
  const client = new SecretsManagerClient(region === undefined ? {} : { region });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
    return secretIn(id, SecretString ?? '');
  } catch (error) {
    throw failed(id, error);
  } finally {
    client.destroy();
  }
}

function secretIn(id: string, text: string): Secret {
  const content = parsed(text);
  const { username, password } = content ?? { username: undefined, password: text };
  if (typeof password === 'string' && password !== '')
    return { user: typeof username === 'string' ? username : undefined, password };
  throw new RemoteRefused(`The secret ${id} holds no password.`, {
    hint: 'It must be the password itself, or JSON with the keys username and password, as RDS writes it.',
  });
}

/** JSON's own error quotes the text, so it is not passed on. */
function parsed(text: string): { username?: unknown; password?: unknown } | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

const REFUSALS =
  /^(?:ResourceNotFoundException|AccessDeniedException|DecryptionFailure|InvalidRequestException|InvalidParameterException|ValidationException|UnrecognizedClientException|InvalidSignatureException|ExpiredTokenException|CredentialsProviderError)$/;

function failed(id: string, cause: unknown): unknown {
  if (cause instanceof RemoteRefused || !(cause instanceof Error)) return cause;
  const message = `The secret ${id} cannot be read: ${cause.message || cause.name}`;
  if (REFUSALS.test(cause.name) || cause.message === 'Region is missing')
    return new RemoteRefused(message, {
      hint: 'Check its name or ARN, the region, and that this role may call secretsmanager:GetSecretValue on it.',
      cause,
    });
  return new RemoteFailed(message, {
    hint: 'Run again once Secrets Manager can be reached.',
    cause,
  });
}
