// Who and what is there when the local Slack starts: people, channels and one user group, with ids that never change.
import type { Person } from './contract.ts';

export type StoredPerson = Person & { readonly email: string };
export type StoredChannel = {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly topic: string;
  members: readonly string[];
};
export type UserGroup = {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  users: readonly string[];
};

/** A person besides the bot. `key` is what scripts call this person. */
export type PersonSeed = {
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly title: string;
  readonly kind: 'requester' | 'approver' | 'bystander';
  readonly color: string;
};

export const TEAM = { id: 'T0PLAYGRND', name: 'Playground', domain: 'playground' } as const;
export const APP = { id: 'A0TALOS0PS', botId: 'B0TALOS0PS', botUser: 'U0TALOSB0T' } as const;
export const SLACKBOT = 'USLACKBOT';

/** The four people of every scenario; somebody else may be added at start. */
export const PEOPLE = [
  {
    key: 'requester',
    id: 'U0R1YA0001',
    name: 'riya',
    realName: 'Riya Raman',
    title: 'Platform engineer, on call',
    kind: 'requester',
    color: '#2f6fde',
  },
  {
    key: 'approver',
    id: 'U0SAM00002',
    name: 'sam',
    realName: 'Sam Okafor',
    title: 'Platform lead',
    kind: 'approver',
    color: '#0f8a6a',
  },
  {
    key: 'secondApprover',
    id: 'U0MEI00003',
    name: 'mei',
    realName: 'Mei Tanaka',
    title: 'Site reliability',
    kind: 'approver',
    color: '#b4501f',
  },
  {
    key: 'bystander',
    id: 'U0T0M00004',
    name: 'tom',
    realName: 'Tom Becker',
    title: 'Web developer',
    kind: 'bystander',
    color: '#7a4fc0',
  },
] as const satisfies readonly PersonSeed[];

/** The bot is in #platform; it is not in #random (`not_in_channel`), and can not even see #leads (`channel_not_found`). */
export const CHANNELS = [
  {
    key: 'platform',
    id: 'C0PLATF0RM',
    name: 'platform',
    kind: 'public',
    topic: 'Clusters, upgrades, on call',
    bot: true,
  },
  { key: 'random', id: 'C0RAND0M01', name: 'random', kind: 'public', topic: 'Anything else', bot: false },
  { key: 'leads', id: 'C0LEADS001', name: 'leads', kind: 'private', topic: 'Leads only', bot: false },
] as const;

export const GROUP = { id: 'S0APPR0V3R', handle: 'talos-approvers', name: 'Talos approvers' } as const;

/** The direct message between the bot and a person. */
export const imOf = (userId: string): string => `D${userId.slice(1)}`;

const UTC_MINUTES = 0;

export const personOf = (seed: PersonSeed): StoredPerson => ({
  id: seed.id,
  name: seed.name,
  realName: seed.realName,
  title: seed.title,
  kind: seed.kind,
  color: seed.color,
  tzOffsetMinutes: UTC_MINUTES,
  email: `${seed.name}@playground.example`,
});

export const channelsOf = (people: readonly PersonSeed[]): StoredChannel[] => {
  const everybody = people.map((person) => person.id);
  const leads = people.filter((person) => person.kind === 'approver').map((person) => person.id);
  const rooms = CHANNELS.map((channel) => ({
    id: channel.id,
    name: channel.name,
    kind: channel.kind,
    topic: channel.topic,
    members: [...(channel.kind === 'private' ? leads : everybody), ...(channel.bot ? [APP.botUser] : [])],
  }));
  const direct = people.map((person) => ({
    id: imOf(person.id),
    name: 'directmessage',
    kind: 'im' as const,
    topic: '',
    members: [person.id, APP.botUser],
  }));
  return [...rooms, ...direct];
};
