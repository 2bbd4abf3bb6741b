// The roles that docs/kubernetes-access.md has operators grant.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

export interface DocumentedRole {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

export function documentedRoles(): readonly DocumentedRole[] {
  const text = readFileSync(new URL('../../docs/kubernetes-access.md', import.meta.url), 'utf8');
  const manifest = /^```yaml\n([\s\S]*?)^```/m.exec(text)?.[1] ?? '';
  const documents = parseAllDocuments(manifest);
  if ('empty' in documents) return [];
  return documents.map((document) => document.toJS() as DocumentedRole);
}
