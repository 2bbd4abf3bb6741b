// Label and field selectors of the list and watch calls.
import type { KubeObject, Labels, NodeObject, PodObject, Resource } from './objects.ts';
import { badRequest, type StatusBody } from './statuses.ts';

export type Matcher = (object: KubeObject) => boolean;
export type Selection =
  | { readonly kind: 'matcher'; readonly matches: Matcher }
  | { readonly kind: 'refused'; readonly status: StatusBody };

export interface Query {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

type LabelTest = (labels: Labels) => boolean;

function podOf(object: KubeObject): PodObject | null {
  return object.kind === 'Pod' ? (object as PodObject) : null;
}

function nodeOf(object: KubeObject): NodeObject | null {
  return object.kind === 'Node' ? (object as NodeObject) : null;
}

const commonFields: Readonly<Record<string, (object: KubeObject) => string>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

/** The fields the real API indexes for these kinds; any other is refused, which is what a typo must meet. */
const fieldsOf: Partial<Record<Resource, typeof commonFields>> = {
  pods: {
    'spec.nodeName': (object) => podOf(object)?.spec.nodeName ?? '',
    'status.phase': (object) => podOf(object)?.status.phase ?? '',
  },
  nodes: { 'spec.unschedulable': (object) => String(nodeOf(object)?.spec.unschedulable ?? false) },
};

const requirement =
  /^(?<key>[^\s=!(),]+)\s*(?:(?<op>==|=|!=)\s*(?<value>[^\s=!(),]*)|(?<set>in|notin)\s*\((?<values>[^()]*)\))?$/;

function labelTest(text: string): LabelTest | null {
  const absent = /^!\s*(?<key>[^\s=!(),]+)$/.exec(text)?.groups?.['key'];
  if (absent !== undefined) return (labels) => !(absent in labels);
  const found = requirement.exec(text)?.groups;
  const key = found?.['key'];
  if (found === undefined || key === undefined) return null;
  const values = (found['values'] ?? found['value'] ?? '').split(',').map((value) => value.trim());
  const relation = found['set'] ?? found['op'];
  if (relation === undefined) return (labels) => key in labels;
  const wanted = relation === 'in' || relation === '=' || relation === '==';
  return (labels) => values.includes(labels[key] ?? '\u0000') === wanted;
}

function labelTests(selector: string): readonly (LabelTest | null)[] {
  // Commas inside `in (a,b)` do not separate requirements.
  return selector.split(/,(?![^(]*\))/).map((part) => labelTest(part.trim()));
}

function fieldTest(resource: Resource, text: string): Matcher | StatusBody {
  const found = /^(?<key>[^=!]+)(?<op>==|=|!=)(?<value>.*)$/.exec(text)?.groups;
  const key = found?.['key'] ?? '';
  if (found === undefined)
    return badRequest(`unable to parse field selector: invalid field selector: '${text}'`);
  const read = { ...commonFields, ...fieldsOf[resource] }[key];
  if (read === undefined) return badRequest(`field label not supported: ${key}`);
  return (object) => (read(object) === found['value']) === (found['op'] !== '!=');
}

/** Turns the selectors of one request into a test of objects, or the 400 that says which part is wrong. */
export function selectionOf(resource: Resource, query: Query): Selection {
  const tests: Matcher[] = [];
  if (query.namespace !== undefined) tests.push((object) => object.metadata.namespace === query.namespace);
  if (query.labelSelector) {
    for (const test of labelTests(query.labelSelector)) {
      if (test === null) {
        const message = `unable to parse requirement: found unexpected text in "${query.labelSelector}"`;
        return { kind: 'refused', status: badRequest(message) };
      }
      tests.push((object) => test(object.metadata.labels ?? {}));
    }
  }
  for (const part of query.fieldSelector ? query.fieldSelector.split(',') : []) {
    const test = fieldTest(resource, part);
    if (typeof test !== 'function') return { kind: 'refused', status: test };
    tests.push(test);
  }
  return { kind: 'matcher', matches: (object) => tests.every((test) => test(object)) };
}

/** True when the labels contain every pair of the selector. */
export function hasLabels(labels: Labels | undefined, selector: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels?.[key] === value);
}
