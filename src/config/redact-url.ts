const SECRET_PARAMETER = /((?:password|passwd|pwd|token|secret)=)[^\s&"']*/gi;

/**
 * A URL, or what was meant as one, without its password: all between the colon after the user and
 * the last `@` is starred out. Rather too much is hidden than too little, since a mistyped URL is
 * what messages quote.
 */
export function redactUrl(url: string): string {
  return url
    .replace(/^((?:[a-z][a-z\d+.-]*:\/+)?[^:@]*):(?!\/\/).*@/is, '$1:***@')
    .replaceAll(SECRET_PARAMETER, '$1***');
}

/** Prose without the passwords of the URLs in it. */
export function redactText(text: string): string {
  return text
    .replaceAll(/([a-z][a-z\d+.-]*:\/\/[^\s:@/"']*):[^\s"']*@/gi, '$1:***@')
    .replaceAll(SECRET_PARAMETER, '$1***');
}

/**
 * An argument of a command line without the password in it, be it a URL, `--flag=URL` or a text
 * that holds one.
 */
export function redactArgument(argument: string): string {
  const [, flag = '', value = ''] = /^(--[\w-]+=)?(.*)$/s.exec(argument) ?? [];
  return `${flag}${/^[a-z][a-z\d+.-]*:\/\//i.test(value) ? redactUrl(value) : redactText(value)}`;
}
