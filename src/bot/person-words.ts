// A person in a typed line: a mention, of which typed.ts leaves the id that Slack put in.

/** Slack user ids begin with U or W. */
const MENTION = /^@([UW][A-Z0-9]{2,})$/;

/** Slack's name for a person is theirs to change: only the id counts, `<@U1|ana>` → `<@U1>`. */
export function idsOnly(text: string): string {
  return text.replaceAll(/<@([^<>|]+)\|[^<>]*>/g, '<@$1>');
}

/** What comes after the cluster may be "to" and a person. */
export function isPersonWord(word: string): boolean {
  return word.toLowerCase() === 'to' || word.startsWith('@');
}

export type PersonRead =
  | { readonly kind: 'person'; readonly user: string | null }
  | { readonly kind: 'trouble'; readonly typed: string };

/** Null: nobody was named, so it is whoever typed it. */
export function takePerson(words: readonly string[]): PersonRead {
  const named = words[0]?.toLowerCase() === 'to' ? words.slice(1) : words;
  const [typed, ...more] = named;
  if (typed === undefined) {
    return words.length === 0 ? { kind: 'person', user: null } : { kind: 'trouble', typed: words.join(' ') };
  }
  const user = MENTION.exec(typed)?.[1];
  return user === undefined || more.length > 0
    ? { kind: 'trouble', typed: named.join(' ') }
    : { kind: 'person', user };
}
