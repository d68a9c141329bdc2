import type { ServerAddress } from './url.ts';

/** The user and password of a connection. */
export type Login = { user: string | undefined; password: string | undefined };

/**
 * The source of a login. `again` fetches a login that may have been rotated since the last read.
 */
export type Credentials = { read(): Promise<Login>; again?(): Promise<Login> };

/** A password, or a function that returns one for each connection. */
export type Password = string | (() => Promise<string>);

/**
 * Chooses the login of an address: a token for each connection, a secret that is cached until it is
 * rejected, or the given values.
 */
export function credentialsOf(address: ServerAddress, given?: Password): Credentials {
  const { passwordFrom, user, password } = address;
  if (passwordFrom === undefined)
    return {
      read: async () => ({
        user,
        password: password ?? (typeof given === 'function' ? await given() : given),
      }),
    };
  if (passwordFrom.kind === 'rds-iam')
    return {
      async read() {
        const { rdsToken } = await import('./rds-token.ts');
        return { user, password: await rdsToken(address, passwordFrom.user) };
      },
    };
  let known: Promise<Login> | undefined;
  const ask = async (): Promise<Login> => {
    const { readSecret } = await import('./secret.ts');
    const secret = await readSecret(passwordFrom.id);
    return { user: user ?? secret.user, password: secret.password };
  };
  return {
    read: () => (known ??= ask()),
    again: () => (known = ask()),
  };
}

/**
 * Connects; if the server rejects a login that may have been rotated, retries once with the new
 * one.
 */
export async function connectAs<T>(
  { read, again }: Credentials,
  isRejected: (error: unknown) => boolean,
  connect: (login: Login) => Promise<T>,
): Promise<T> {
  const login = await read();
  try {
    return await connect(login);
  } catch (error) {
    if (again === undefined || !isRejected(error)) throw error;
    const renewed = await again();
    if (renewed.user === login.user && renewed.password === login.password) throw error;
    return connect(renewed);
  }
}
