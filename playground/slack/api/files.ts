// files.*: the two-step upload, and what people read of it.
import { withIds } from '../blocks.ts';
import { type Json, recordsOf, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { APP, TEAM } from '../seed.ts';
import { addMessage, findMessage, type StoredFile } from '../store.ts';
import { type Answer, cannotUse, channelFor, type Family, refuse } from './method.ts';

/** Kept in memory for one run; logs and diffs are far smaller. */
export const FILE_LIMIT_BYTES = 20_000_000;
const FILES_PER_MESSAGE = 10;

const wireFile = (local: LocalSlack, file: StoredFile): Json => ({
  id: file.id,
  name: file.name,
  title: file.title,
  size: file.lengthBytes,
  user: APP.botUser,
  user_team: TEAM.id,
  url_private: `${local.origin()}/files/${file.id}`,
});

const getUploadUrl = (args: Json, local: LocalSlack): Answer => {
  const lengthBytes = Number(args['length']);
  const name = textOf(args, 'filename');
  if (name === '' || !Number.isInteger(lengthBytes) || lengthBytes < 1)
    return refuse('invalid_arguments', 'filename and a positive length are needed');
  if (lengthBytes > FILE_LIMIT_BYTES) return refuse('file_too_large');
  const id = local.store.nextId('F');
  local.store.files.set(id, { id, name, lengthBytes, title: name, shared: false });
  return { ok: true, file_id: id, upload_url: `${local.origin()}/upload/${id}` };
};

const wanted = (args: Json, local: LocalSlack): StoredFile[] | Answer => {
  const asked = recordsOf(args['files']);
  if (asked.length === 0 || asked.length > FILES_PER_MESSAGE)
    return refuse('invalid_arguments', `files: 1 to ${FILES_PER_MESSAGE}`);
  const found = asked.map((one) => local.store.files.get(textOf(one, 'id')));
  const ready = found.filter((file) => file !== undefined && file.content !== undefined && !file.shared);
  if (ready.length !== asked.length)
    return refuse('file_not_found', 'a file is not uploaded or already shared');
  return ready.filter((file) => file !== undefined);
};

const completeUpload = (args: Json, local: LocalSlack): Answer => {
  const files = wanted(args, local);
  if (!Array.isArray(files)) return files;
  const given = textOf(args, 'channel_id');
  const channel = channelFor(local, given);
  const refusal = given === '' ? undefined : cannotUse(local, channel);
  if (refusal !== undefined) return refusal;
  const threadTs = textOf(args, 'thread_ts');
  if (threadTs !== '' && findMessage(local.store, channel?.id ?? '', threadTs) === undefined)
    return refuse('thread_not_found');
  const titles = new Map(recordsOf(args['files']).map((one) => [textOf(one, 'id'), textOf(one, 'title')]));
  for (const file of files) {
    file.shared = true;
    file.title = titles.get(file.id) || file.name;
  }
  if (channel !== undefined) {
    addMessage(local.store, {
      channel: channel.id,
      user: APP.botUser,
      text: textOf(args, 'initial_comment'),
      blocks: withIds(args['blocks'], () => local.store.nextId('b')),
      files: files.map((file) => file.id),
      ...(threadTs === '' ? {} : { threadTs }),
    });
  }
  return { ok: true, files: files.map((file) => wireFile(local, file)) };
};

export const files: Family = {
  'files.getUploadURLExternal': {
    token: 'bot',
    scopes: ['files:write'],
    required: ['filename', 'length'],
    optional: ['alt_text', 'alt_txt', 'snippet_type'],
    run: getUploadUrl,
  },
  'files.completeUploadExternal': {
    token: 'bot',
    scopes: ['files:write'],
    required: ['files'],
    optional: ['channel_id', 'thread_ts', 'initial_comment', 'blocks'],
    run: completeUpload,
  },
};
