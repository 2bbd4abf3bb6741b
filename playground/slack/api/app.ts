// api.test, auth.test, apps.connections.open, blocks.validate: the app itself.
import type { Json } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { APP, TEAM } from '../seed.ts';
import { validateBlocks } from '../validate/payload.ts';
import { type Problem, validateMessage, validateView } from '../validate.ts';
import { type Answer, type Family, refuse, refuseProblems } from './method.ts';

const authTest = (_args: Json, local: LocalSlack): Answer => ({
  ok: true,
  url: `${local.origin()}/`,
  team: TEAM.name,
  team_id: TEAM.id,
  user: local.store.people.get(APP.botUser)?.name,
  user_id: APP.botUser,
  bot_id: APP.botId,
  is_enterprise_install: false,
});

const connectionsOpen = (_args: Json, local: LocalSlack): Answer => {
  if (!local.manifest.socketMode) return refuse('forbidden', 'the manifest does not enable Socket Mode');
  const host = local.origin().replace(/^http/, 'ws');
  return { ok: true, url: `${host}/link/?ticket=${local.hub.ticket()}&app_id=${APP.id}` };
};

const problemsIn = (args: Json): Problem[] => {
  if (args['view'] !== undefined) return validateView(args['view']);
  if (args['message'] !== undefined) return validateMessage(args['message']);
  return validateBlocks(args['blocks'], 'message');
};

const validate = (args: Json): Answer => {
  const given = ['blocks', 'message', 'view'].filter((key) => args[key] !== undefined);
  if (given.length !== 1) return refuse('invalid_arguments', 'needs exactly one of blocks, message and view');
  const problems = problemsIn(args);
  if (problems.length === 0) return { ok: true };
  return { ...refuseProblems(problems, 'invalid_blocks'), errors: problems };
};

const apiTest = (args: Json): Answer =>
  typeof args['error'] === 'string' ? { ...refuse(args['error']), args } : { ok: true, args };

export const app: Family = {
  'api.test': { token: 'none', scopes: [], required: [], optional: ['error', 'foo'], run: apiTest },
  'auth.test': { token: 'bot', scopes: [], required: [], optional: [], run: authTest },
  'apps.connections.open': { token: 'app', scopes: [], required: [], optional: [], run: connectionsOpen },
  'blocks.validate': {
    token: 'bot',
    scopes: [],
    required: [],
    optional: ['blocks', 'message', 'view'],
    run: validate,
  },
};
