// Checks on the Kubernetes API itself: what stands before it, what extends it, and what we may do there.
import type { FailClosedWebhook } from '../cluster/estate/platform.ts';
import { listed } from '../cluster/listed.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { counted, fullName, judged, orWell, type Trouble } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';
import { quoted } from './quoted.ts';

/** Expects whoever must be asked about every change to answer, also while a node is away. */
export function webhooksAnswer(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'webhooks', subject: 'webhooks', what: 'admission webhooks' } as const;
  return judged(about, snapshot, (webhooks) => {
    const troubles = webhooks.flatMap((webhook): Trouble[] => {
      const trouble = webhookTrouble(webhook);
      return trouble === null ? [] : [trouble];
    });
    return orWell(troubles, `${counted(webhooks.length, 'webhook')} that must answer will.`);
  });
}

function webhookTrouble({ name, configuration, service, endpointNodes }: FailClosedWebhook): Trouble | null {
  if (service === null) {
    const sentence = `Whether webhook ${name} (${configuration}) answers cannot be known from here: it is called by URL, and refuses when it does not.`;
    const advice = 'Make sure that it answers all the time; the policy may let this check only warn.';
    return { level: 'unknown', sentence, advice };
  }
  const [only] = endpointNodes ?? [];
  if (only === undefined) {
    const sentence = `Webhook ${name} (${configuration}) refuses whatever it is asked about: ${fullName(service)} has no ready endpoint.`;
    return {
      level: 'blocker',
      sentence,
      advice: 'Bring its service back: evicted pods could not be created again.',
    };
  }
  if (new Set(endpointNodes).size > 1) return null;
  const sentence = `Webhook ${name} (${configuration}) answers from ${only} only: while that node is away, what it guards is refused.`;
  return { level: 'warning', subject: only, sentence, advice: 'Run a second replica on another node.' };
}

/** Expects every part of the API that others serve to be served. */
export function apiServicesServe(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'api-services', subject: 'apiServices', what: 'APIServices' } as const;
  return judged(about, snapshot, (services) => {
    const troubles = services
      .filter(({ available }) => !available)
      .map(
        ({ name, why }): Trouble => ({
          level: 'warning',
          sentence: `APIService ${name} is not available${why === '' ? '' : `: ${quoted(why)}`}.`,
          advice: 'Namespaces cannot be deleted while it is away.',
        }),
      );
    return orWell(troubles, `All ${counted(services.length, 'APIService')} are served.`);
  });
}

const KUBELET_SERVING = 'kubernetes.io/kubelet-serving';

/** Warns about certificates that kubelets wait for. */
export function csrsAreDecided(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'pending-csrs', subject: 'pendingCsrs', what: 'signing requests' } as const;
  return judged(about, snapshot, (pending) => {
    const kubelets = pending.filter(({ signer }) => signer === KUBELET_SERVING);
    if (kubelets.length === 0) return 'No kubelet waits for a certificate.';
    const names = [...new Set(kubelets.map(({ requester }) => requester.replace(/^system:node:/, '')))];
    const sentence = `${counted(kubelets.length, 'certificate request')} of kubelets wait to be approved: ${listed(names)}.`;
    return [
      {
        level: 'warning',
        sentence,
        advice: 'Logs, exec and metrics of these nodes fail: `kubectl certificate approve`.',
      },
    ];
  });
}

/** Expects the bot to be allowed what a rollout needs of Kubernetes. */
export function botIsAllowed(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'kubernetes-access', subject: 'access', what: "the bot's own rights" } as const;
  return judged(about, snapshot, (access) => {
    const lacking = access.filter(({ allowed }) => !allowed).map(({ act }) => act);
    if (lacking.length === 0) return 'The bot may do in Kubernetes what a rollout needs.';
    return [
      {
        level: 'blocker',
        sentence: `The bot may not ${listed(lacking)} in Kubernetes.`,
        advice:
          'Grant it (docs/kubernetes-access.md has all of it), or let the bot use the kubeconfig that Talos issues.',
      },
    ];
  });
}

const HEALTH_ADVICE = {
  blocker: 'Repair what it names, or change the check in `healthChecks` of the configuration.',
  unknown:
    'Let the bot list the kind it is about, or mend its expression: `has(…)` asks for a field that may be missing.',
} as const;

/** Expects what the policy asks of resources in CEL to hold. */
export function healthChecksHold(snapshot: Snapshot): readonly Finding[] {
  const about = {
    check: 'health-checks',
    subject: 'health',
    what: "the policy's own health checks",
  } as const;
  return judged(about, snapshot, (checks) => {
    const troubles = checks.flatMap(({ name, verdict, detail }): Trouble[] => {
      if (verdict === 'healthy') return [];
      const level = verdict === 'unhealthy' ? 'blocker' : 'unknown';
      const sentence = `Health check ${name}: ${quoted(detail)}.`;
      return [{ level, subject: name, sentence, advice: HEALTH_ADVICE[level] }];
    });
    return orWell(
      troubles,
      checks.length === 0
        ? 'The policy asks for no health checks.'
        : `${counted(checks.length, 'health check')} hold.`,
    );
  });
}
