import { cleanedEmail, lowered } from '../sql/text.ts';
import { defineField } from './field.ts';

const ADDRESS = '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+';

/** The customer's e-mail address, in lower case. One without the form of an address is dropped. */
export const email = defineField({
  reads: ['email'],
  silver: ['email'],
  presence: { has_email: 'email is not null' },
  clean: () => ({
    shared: [[['email_lower', lowered('v_email')]], [['email', cleanedEmail('email_lower')]]],
  }),
  cleanups: [
    { name: 'email_invalid', flag: 'email_bad', when: 'v_email is not null and email is null' },
  ],
  rejections: [],
  fastPath: {
    patterns: { email: () => `(?:${ADDRESS})?` },
    mayBeAbsent: () => true,
    columns: ({ textOrNull }) => [['email', `lower(${textOrNull('email')})`]],
  },
});
