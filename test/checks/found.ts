// What every check finds in every row there is.
import type { Finding } from '../../src/checks/finding.ts';
import { anEstate } from '../builders/estate.ts';
import { aCluster } from '../builders/snapshot.ts';
import { ACCESS_ROWS } from './access-rows.ts';
import { API_ROWS } from './api-rows.ts';
import { CLUSTER_ROWS } from './cluster-rows.ts';
import { CONFIGURATION_ROWS } from './configuration-rows.ts';
import { ASKED, IMAGE_ROWS } from './image-rows.ts';
import { INSPECTION_ROWS } from './inspection-rows.ts';
import { MOMENT_ROWS } from './moment-rows.ts';
import { NEIGHBOUR_ROWS } from './neighbour-rows.ts';
import { PLANNED_ROWS } from './planned-rows.ts';
import { POD_ROWS } from './pod-rows.ts';
import { ABOUT } from './silent-subjects.ts';
import { UPKEEP_ROWS } from './upkeep-rows.ts';

/** All findings, row by row. */
export const FOUND: readonly (readonly Finding[])[] = [
  ...[
    ...CLUSTER_ROWS,
    ...ACCESS_ROWS,
    ...IMAGE_ROWS,
    ...INSPECTION_ROWS,
    ...UPKEEP_ROWS,
    ...CONFIGURATION_ROWS,
  ].map(({ check, cluster, asked = ASKED }) => check(cluster.build(), asked)),
  ...[...POD_ROWS, ...API_ROWS, ...NEIGHBOUR_ROWS].map(({ check, estate }) =>
    check(aCluster().withEstate(anEstate(estate)).build()),
  ),
  ...ABOUT.map(([check, subject]) =>
    check(
      aCluster()
        .withEstate(anEstate({}, [subject]))
        .build(),
    ),
  ),
  ...MOMENT_ROWS.map(({ check, asked }) => check({ ...aCluster().build(), ...asked })),
  ...PLANNED_ROWS.map(({ findings }) => findings()),
];
