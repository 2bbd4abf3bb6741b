// Reads the app manifest, the one file that says what the app may do, and refuses what Slack would refuse (facts/slack.md 4.4).
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { BOT_SCOPES, EVENT_SCOPES } from './scopes.ts';

export type ManifestCommand = {
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
  readonly shouldEscape: boolean;
};

/** What the local Slack enforces. */
export type Manifest = {
  readonly name: string;
  readonly description: string;
  readonly backgroundColor: string;
  readonly botName: string;
  readonly homeTab: boolean;
  readonly messagesTab: boolean;
  readonly commands: readonly ManifestCommand[];
  readonly scopes: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
  readonly interactivity: boolean;
  readonly socketMode: boolean;
};

const DEFAULT_COLOR = '#3b3f54';
const LIMITS = {
  name: 35,
  description: 140,
  longDescriptionMin: 175,
  longDescription: 4000,
  botName: 80,
  commands: 50,
  command: 32,
  commandDescription: 2000,
  usageHint: 1000,
  shortcuts: 10,
  shortcutName: 24,
} as const;

const url = z.string().regex(/^https:\/\//, 'must be an https URL');
const scopeList = z.array(z.string()).max(255);

const slashCommand = z.strictObject({
  command: z
    .string()
    .max(LIMITS.command)
    .regex(/^\/[a-z0-9_-]+$/, 'must start with / and be lower case'),
  description: z.string().min(1).max(LIMITS.commandDescription),
  usage_hint: z.string().max(LIMITS.usageHint).optional(),
  should_escape: z.boolean().optional(),
  url: url.optional(),
});

const shortcut = z.strictObject({
  name: z.string().min(1).max(LIMITS.shortcutName),
  type: z.enum(['global', 'message']),
  callback_id: z.string().min(1).max(255),
  description: z.string().min(1).max(150),
});

const features = z.strictObject({
  bot_user: z.strictObject({
    display_name: z.string().min(1).max(LIMITS.botName),
    always_online: z.boolean().optional(),
  }),
  app_home: z
    .strictObject({
      home_tab_enabled: z.boolean().optional(),
      messages_tab_enabled: z.boolean().optional(),
      messages_tab_read_only_enabled: z.boolean().optional(),
    })
    .optional(),
  slash_commands: z.array(slashCommand).max(LIMITS.commands).optional(),
  shortcuts: z.array(shortcut).max(LIMITS.shortcuts).optional(),
});

const settings = z.strictObject({
  socket_mode_enabled: z.boolean().optional(),
  interactivity: z
    .strictObject({
      is_enabled: z.boolean(),
      request_url: url.optional(),
      message_menu_options_url: url.optional(),
    })
    .optional(),
  event_subscriptions: z
    .strictObject({ request_url: url.optional(), bot_events: z.array(z.string()).max(100).optional() })
    .optional(),
  org_deploy_enabled: z.boolean().optional(),
  token_rotation_enabled: z.boolean().optional(),
  allowed_ip_address_ranges: z.array(z.string()).max(10).optional(),
});

const manifestSchema = z.strictObject({
  _metadata: z
    .strictObject({ major_version: z.int().min(1).max(2), minor_version: z.int().optional() })
    .optional(),
  display_information: z.strictObject({
    name: z.string().min(1).max(LIMITS.name),
    description: z.string().max(LIMITS.description).optional(),
    long_description: z.string().min(LIMITS.longDescriptionMin).max(LIMITS.longDescription).optional(),
    background_color: z
      .string()
      .regex(/^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/, 'must be a hex colour')
      .optional(),
  }),
  features,
  oauth_config: z.strictObject({
    redirect_urls: z.array(url).optional(),
    scopes: z.strictObject({
      bot: scopeList,
      bot_optional: scopeList.optional(),
      user: scopeList.optional(),
      user_optional: scopeList.optional(),
    }),
  }),
  settings: settings.optional(),
});

type Parsed = z.infer<typeof manifestSchema>;

/** What the parts of a manifest must not contradict. */
const contradictions = (manifest: Parsed): string[] => {
  const scopes = new Set(manifest.oauth_config.scopes.bot);
  const events = manifest.settings?.event_subscriptions?.bot_events ?? [];
  const commands = manifest.features.slash_commands ?? [];
  const names = commands.map((command) => command.command);
  return [
    ...[...scopes]
      .filter((scope) => !BOT_SCOPES.has(scope))
      .map((scope) => `oauth_config.scopes.bot: there is no bot scope "${scope}"`),
    ...events
      .filter((event) => !(event in EVENT_SCOPES))
      .map((event) => `settings.event_subscriptions.bot_events: there is no event "${event}"`),
    ...events
      .filter((event) => (EVENT_SCOPES[event] ?? '') !== '' && !scopes.has(EVENT_SCOPES[event] ?? ''))
      .map(
        (event) => `settings.event_subscriptions.bot_events: ${event} needs the scope ${EVENT_SCOPES[event]}`,
      ),
    ...(commands.length > 0 && !scopes.has('commands')
      ? ['features.slash_commands: slash commands need the scope commands']
      : []),
    ...names
      .filter((name, at) => names.indexOf(name) !== at)
      .map((name) => `features.slash_commands: ${name} is there twice`),
    ...socketContradictions(manifest),
  ];
};

const socketContradictions = (manifest: Parsed): string[] => {
  if (manifest.settings?.socket_mode_enabled === true) return [];
  const missing = (manifest.features.slash_commands ?? []).filter((command) => command.url === undefined);
  return missing.map(
    (command) => `features.slash_commands: ${command.command} needs a url without Socket Mode`,
  );
};

/** Every mistake of a manifest, one sentence each; empty when Slack would take it. */
export const checkManifest = (data: unknown): string[] => {
  const parsed = manifestSchema.safeParse(data);
  if (parsed.success) return contradictions(parsed.data);
  return parsed.error.issues.map((issue) => `${issue.path.join('.') || 'manifest'}: ${issue.message}`);
};

const understood = (manifest: Parsed): Manifest => ({
  name: manifest.display_information.name,
  description: manifest.display_information.description ?? '',
  backgroundColor: manifest.display_information.background_color ?? DEFAULT_COLOR,
  botName: manifest.features.bot_user.display_name,
  homeTab: manifest.features.app_home?.home_tab_enabled ?? false,
  messagesTab: manifest.features.app_home?.messages_tab_enabled ?? false,
  commands: (manifest.features.slash_commands ?? []).map((command) => ({
    command: command.command,
    description: command.description,
    usageHint: command.usage_hint ?? '',
    shouldEscape: command.should_escape ?? false,
  })),
  scopes: new Set(manifest.oauth_config.scopes.bot),
  events: new Set(manifest.settings?.event_subscriptions?.bot_events ?? []),
  interactivity: manifest.settings?.interactivity?.is_enabled ?? false,
  socketMode: manifest.settings?.socket_mode_enabled ?? false,
});

/** Reads a manifest of YAML or JSON text. Throws with every mistake in the message. */
export const parseManifest = (source: string): Manifest => {
  const data: unknown = parse(source);
  const mistakes = checkManifest(data);
  if (mistakes.length > 0) throw new Error(`Slack would refuse this manifest:\n- ${mistakes.join('\n- ')}`);
  return understood(manifestSchema.parse(data));
};

/** Reads the manifest file. Throws when it can not be read or Slack would refuse it. */
export const readManifest = (path: string): Manifest => parseManifest(readFileSync(path, 'utf8'));
