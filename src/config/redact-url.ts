const SECRET_PARAMETER = /((?:password|passwd|pwd|token|secret)=)[^\s&"']*/gi;

/**
 * Replaces the password of a URL, even a mistyped one: everything between the colon after the user
 * and the last `@`. It hides too much rather than too little, since messages quote mistyped URLs.
 */
export function redactUrl(url: string): string {
  return url
    .replace(/^((?:[a-z][a-z\d+.-]*:\/+)?[^:@]*):(?!\/\/).*@/is, '$1:***@')
    .replaceAll(SECRET_PARAMETER, '$1***');
}

/** Replaces the passwords of all URLs in a text. */
export function redactText(text: string): string {
  return text
    .replaceAll(/([a-z][a-z\d+.-]*:\/\/[^\s:@/"']*):[^\s"']*@/gi, '$1:***@')
    .replaceAll(SECRET_PARAMETER, '$1***');
}

/** Replaces the password in a command-line argument: a URL, `--flag=URL` or text with a URL. */
export function redactArgument(argument: string): string {
  const [, flag = '', value = ''] = /^(--[\w-]+=)?(.*)$/s.exec(argument) ?? [];
  return `${flag}${/^[a-z][a-z\d+.-]*:\/\//i.test(value) ? redactUrl(value) : redactText(value)}`;
}
