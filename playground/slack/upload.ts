// Files on their way in (the upload URL) and out (what people open).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FILE_LIMIT_BYTES } from './api/files.ts';
import { bodyOf, sendText } from './http.ts';
import type { LocalSlack } from './local.ts';
import { mimeOf } from './state.ts';

/** The file in a multipart form, or the body itself. */
const contentOf = async (request: IncomingMessage): Promise<Uint8Array> => {
  const body = await bodyOf(request, FILE_LIMIT_BYTES);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return body;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const part = [...form.values()].find((value) => typeof value !== 'string');
  return part === undefined ? new Uint8Array() : new Uint8Array(await part.arrayBuffer());
};

/** POST to an upload URL. */
export const handleUpload = async (
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
  local: LocalSlack,
): Promise<void> => {
  const file = local.store.files.get(id);
  if (file === undefined || file.content !== undefined) {
    sendText(response, 404, 'no such upload');
    return;
  }
  file.content = await contentOf(request);
  sendText(response, 200, `OK - ${file.content.length}`);
};

/** GET of a shared file; text is shown, everything else is a download, and nothing in it runs. */
export const serveFile = (id: string, response: ServerResponse, local: LocalSlack): void => {
  const file = local.store.files.get(id);
  if (file?.content === undefined || !file.shared) {
    sendText(response, 404, 'no such file');
    return;
  }
  const mime = mimeOf(file.name);
  response.writeHead(200, {
    'content-type': mime === 'text/plain' ? 'text/plain; charset=utf-8' : mime,
    'content-disposition': mime === 'text/plain' ? 'inline' : 'attachment',
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  });
  response.end(file.content);
};
