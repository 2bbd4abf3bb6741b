// users.*, usergroups.*, team.info, bots.info: who is there.
import { type Json, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { APP, type StoredPerson, TEAM } from '../seed.ts';
import { type Answer, type Family, grantedScopes, refuse } from './method.ts';

const SECONDS_PER_MINUTE = 60;

const wireUser = (local: LocalSlack, person: StoredPerson): Json => ({
  id: person.id,
  team_id: TEAM.id,
  name: person.name,
  real_name: person.realName,
  deleted: false,
  is_bot: person.kind === 'bot',
  is_app_user: false,
  is_admin: false,
  is_restricted: false,
  is_ultra_restricted: false,
  is_stranger: false,
  tz_offset: person.tzOffsetMinutes * SECONDS_PER_MINUTE,
  profile: {
    real_name: person.realName,
    display_name: person.name,
    title: person.title,
    team: TEAM.id,
    ...(grantedScopes(local).has('users:read.email') ? { email: person.email } : {}),
  },
});

const usersList = (_args: Json, local: LocalSlack): Answer => ({
  ok: true,
  members: [...local.store.people.values()].map((person) => wireUser(local, person)),
  response_metadata: { next_cursor: '' },
});

const usersInfo = (args: Json, local: LocalSlack): Answer => {
  const person = local.store.people.get(textOf(args, 'user'));
  return person === undefined ? refuse('user_not_found') : { ok: true, user: wireUser(local, person) };
};

const lookupByEmail = (args: Json, local: LocalSlack): Answer => {
  const email = textOf(args, 'email').toLowerCase();
  const person = [...local.store.people.values()].find((one) => one.email !== '' && one.email === email);
  return person === undefined ? refuse('users_not_found') : { ok: true, user: wireUser(local, person) };
};

const groupsList = (args: Json, local: LocalSlack): Answer => ({
  ok: true,
  usergroups: [...local.store.groups.values()].map((group) => ({
    id: group.id,
    team_id: TEAM.id,
    is_usergroup: true,
    name: group.name,
    handle: group.handle,
    date_delete: 0,
    user_count: group.users.length,
    ...(args['include_users'] === true ? { users: group.users } : {}),
  })),
});

const groupUsers = (args: Json, local: LocalSlack): Answer => {
  const group = local.store.groups.get(textOf(args, 'usergroup'));
  return group === undefined ? refuse('no_such_subteam') : { ok: true, users: group.users };
};

const teamInfo = (): Answer => ({ ok: true, team: { id: TEAM.id, name: TEAM.name, domain: TEAM.domain } });

const botsInfo = (args: Json, local: LocalSlack): Answer => {
  const bot = textOf(args, 'bot') || APP.botId;
  if (bot !== APP.botId) return refuse('bot_not_found');
  return {
    ok: true,
    bot: {
      id: APP.botId,
      app_id: APP.id,
      user_id: APP.botUser,
      name: local.manifest.botName,
      deleted: false,
    },
  };
};

const PAGING = ['cursor', 'limit'];

export const users: Family = {
  'users.list': {
    token: 'bot',
    scopes: ['users:read'],
    required: [],
    optional: ['include_locale', ...PAGING],
    run: usersList,
  },
  'users.info': {
    token: 'bot',
    scopes: ['users:read'],
    required: ['user'],
    optional: ['include_locale'],
    run: usersInfo,
  },
  'users.lookupByEmail': {
    token: 'bot',
    scopes: ['users:read.email'],
    required: ['email'],
    optional: [],
    run: lookupByEmail,
  },
  'usergroups.list': {
    token: 'bot',
    scopes: ['usergroups:read'],
    required: [],
    optional: ['include_users', 'include_count', 'include_disabled'],
    run: groupsList,
  },
  'usergroups.users.list': {
    token: 'bot',
    scopes: ['usergroups:read'],
    required: ['usergroup'],
    optional: ['include_disabled'],
    run: groupUsers,
  },
  'team.info': { token: 'bot', scopes: ['team:read'], required: [], optional: ['team'], run: teamInfo },
  'bots.info': {
    token: 'bot',
    scopes: ['users:read'],
    required: [],
    optional: ['bot'],
    run: botsInfo,
  },
};
