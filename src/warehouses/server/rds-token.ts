import { RemoteRefused } from '../../errors.ts';

/**
 * Signs a token of 15 minutes that RDS accepts in place of a password from a user with rds_iam.
 * Signed locally, without a request. Error: `RemoteRefused`.
 */
export async function rdsToken(
  { host, port }: { host: string; port: number },
  username: string,
): Promise<string> {
  const { Signer } = await import('@aws-sdk/rds-signer');
  const region = /\.([a-z\d-]+)\.rds\.amazonaws\.com(?:\.cn)?$/i.exec(host)?.[1];
  const signer = new Signer({
    hostname: host,
    port,
    username,
    ...(region === undefined ? {} : { region }),
  });
  try {
    return await signer.getAuthToken();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RemoteRefused(`No token for ${username} at ${host} could be signed: ${why}`, {
      hint: 'Run with AWS credentials whose role may call rds-db:connect, and with AWS_REGION where the host does not name it.',
      cause,
    });
  }
}
