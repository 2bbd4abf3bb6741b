// The measurements there are, in the order in which all of them are run: the quick ones first.
import { click } from './click.ts';
import { fleet } from './fleet.ts';
import { journal } from './journal.ts';
import type { Measurement } from './measurement.ts';
import { next } from './next.ts';
import { overhead } from './overhead.ts';
import { preflight } from './preflight.ts';
import { resume } from './resume.ts';
import { snapshot } from './snapshot.ts';
import { survey } from './survey.ts';
import { views } from './views.ts';

export const MEASUREMENTS: readonly Measurement[] = [
  views,
  next,
  journal,
  click,
  survey,
  preflight,
  snapshot,
  resume,
  fleet,
  overhead,
];
