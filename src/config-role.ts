// Which part of the bot this process is: told by --role, by the environment, or by the configuration, in this order.

/** bot: hears and speaks in Slack. worker: touches clusters. all: both in one process. */
export const ROLES = ['bot', 'worker', 'all'] as const;
export type Role = (typeof ROLES)[number];

export interface AskedRole {
  /** Null: neither the command line nor the environment says. */
  readonly role: Role | null;
  readonly mistakes: readonly string[];
}

const EXPECTED = 'expects bot, worker or all';

/** Slack is heard and spoken to here, and its tokens are needed. */
export function hears(role: Role): boolean {
  return role !== 'worker';
}

/** Clusters are touched here, and what opens them is needed. */
export function works(role: Role): boolean {
  return role !== 'bot';
}

export function isRole(text: unknown): text is Role {
  return ROLES.some((role) => role === text);
}

/** `--role bot` or `--role=bot`, else TALOS_CHATOPS_ROLE. `args` is the command line without the program. */
export function askedRole(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): AskedRole {
  const [first, second, ...more] = args.flatMap((arg) =>
    arg.startsWith('--role=') ? ['--role', arg.slice('--role='.length)] : [arg],
  );
  if (first !== undefined && first !== '--role')
    return mistaken(`"${first}" is no argument; there is only --role bot, --role worker and --role all`);
  if (more[0] !== undefined) return mistaken(`"${more[0]}" is too much; --role is the only argument, once`);
  if (first !== undefined) return named('--role', second ?? '');
  const told = environment['TALOS_CHATOPS_ROLE'] ?? '';
  return told === '' ? { role: null, mistakes: [] } : named('TALOS_CHATOPS_ROLE', told);
}

function named(where: string, text: string): AskedRole {
  return isRole(text)
    ? { role: text, mistakes: [] }
    : mistaken(`${where}: ${EXPECTED}${text === '' ? '' : `, not "${text}"`}`);
}

function mistaken(sentence: string): AskedRole {
  return { role: null, mistakes: [sentence] };
}
