// taskql's error codes in words, at the field that each is about.
import type { UserError } from '@/outbox/send';
import type { Draft } from './draft';

export type DraftErrors = Partial<Record<keyof Draft | 'form', string>>;

const LIMITS = { title: 200, description: 10_000, tags: 20, tag: 50 };

export function inWords(error: UserError): string {
  const limit = 'limit' in error ? (error.limit ?? '') : '';
  const subject = subjectOf(error);
  switch (error.code) {
    case 'BLANK':
      return subject === 'Title' ? 'Give the task a title.' : `${subject} must not be blank.`;
    case 'TOO_LONG':
      return `${subject} can have at most ${limit} characters.`;
    case 'TOO_SHORT':
      return `${subject} needs at least ${limit} characters.`;
    case 'TOO_MANY':
      return `At most ${limit} are possible.`;
    case 'EMPTY_LIST':
      return 'Choose at least one task.';
    case 'INVALID_FORMAT':
      return `${subject} has a form that cannot be stored.`;
    case 'NULL_NOT_ALLOWED':
      return `${subject} cannot be empty.`;
    case 'MUTUALLY_EXCLUSIVE':
      return 'These two cannot be set together.';
    case 'NOT_FOUND':
      return 'The task does not exist any more.';
    case 'IN_TRASH':
      return 'The task is in the trash. Restore it first.';
    case 'NOT_IN_TRASH':
      return 'The task is not in the trash any more.';
    case 'VERSION_CONFLICT':
      return 'The task was changed elsewhere.';
    case 'IDEMPOTENCY_KEY_REUSED':
      return 'This was sent twice with different contents. Please do it again.';
    case 'QUOTA_EXCEEDED': // there are several quotas, and only the message says which it is
      return error.message;
    case 'INTERNAL':
      return 'The server failed several times. Please try again later.';
    default:
      return error.message || 'That did not work.'; // a code that is newer than this program
  }
}

const SUBJECTS: Record<string, string> = { title: 'Title', description: 'Notes', tags: 'A tag', priority: 'Priority', due: 'Due' };
const FIELDS: Record<string, keyof Draft> = { title: 'title', description: 'description', tags: 'tags', priority: 'priority', due: 'day' };

const fieldOf = ({ field }: UserError) => field?.find((part) => part in FIELDS);
const subjectOf = (error: UserError) => SUBJECTS[fieldOf(error) ?? ''] ?? 'This';

/** The errors of a rejected write, by the form's fields. What has no field is at 'form'. */
export function byField(errors: readonly UserError[]): DraftErrors {
  const result: DraftErrors = {};
  for (const error of errors) result[FIELDS[fieldOf(error) ?? ''] ?? 'form'] ??= inWords(error);
  return result;
}

/** What is known to be wrong without asking the server. */
export function check({ title, description, time, day, tags }: Draft, split: readonly string[]): DraftErrors {
  const length = (text: string) => [...text.trim()].length;
  return {
    ...(!length(title) && { title: 'Give the task a title.' }),
    ...(length(title) > LIMITS.title && { title: `Title can have at most ${LIMITS.title} characters.` }),
    ...(length(description) > LIMITS.description && { description: `Notes can have at most ${LIMITS.description} characters.` }),
    ...(time && !day && { day: 'Choose a day for this time.' }),
    ...(tags && split.length > LIMITS.tags && { tags: `At most ${LIMITS.tags} tags are possible.` }),
    ...(split.some((tag) => length(tag) > LIMITS.tag) && { tags: `A tag can have at most ${LIMITS.tag} characters.` }),
  };
}
