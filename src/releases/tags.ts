// Reads released versions out of what lists are made of: GitHub's releases, arrays of tags, or lines of text.

/** A release, with nothing behind it: `v1.13.4`. Pre-releases and tags such as `pkg/machinery/v1.13.4` are none (talos-api.md 8.4). */
const RELEASED = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})$/;

/** Once each, oldest first, with their leading v. */
export function releasedOf(tags: readonly string[]): readonly string[] {
  const numbers = tags.flatMap((tag) => {
    const [, major, minor, patch] = RELEASED.exec(tag.trim()) ?? [];
    return patch === undefined ? [] : [[Number(major), Number(minor), Number(patch)] as const];
  });
  const order = numbers.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return [...new Set(order.map((parts) => `v${parts.join('.')}`))];
}

/** The tags in an answer of `/releases`, drafts and pre-releases left out; null when it is no list. An array of tags will do as well. */
export function tagsInJson(body: string): readonly string[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  if (!Array.isArray(parsed)) return null;
  return parsed.flatMap((one: unknown): string[] => {
    if (typeof one === 'string') return [one];
    const of = (field: string): unknown => Reflect.get(Object(one), field);
    const tag = of('tag_name');
    return typeof tag === 'string' && of('draft') !== true && of('prerelease') !== true ? [tag] : [];
  });
}

/** The tags in a file: a JSON array as above, or one per line with `#` before remarks. */
export function tagsInFile(text: string): readonly string[] | null {
  if (/^\s*[[{]/.test(text)) return tagsInJson(text);
  return text
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
}
