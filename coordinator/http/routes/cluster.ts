/** The cluster, its brokers with their configuration, the controller, ZooKeeper. */
import { Type } from '@sinclair/typebox';
import { describeBrokerConfig } from '../../actions/describe-configs';
import { LOOK_TIMEOUT_MS, withClient } from '../../actions/own-client';
import type { CoordinatorParts } from '../../parts';
import {
  BrokerList,
  BrokerView,
  ClusterView,
  ConfigList,
  ControllerView,
  HealthAnswer,
  ZooKeeperView,
} from '../../schemas';
import { type Route, route } from '../route';
import { absent } from './absent';
import { BrokerNumber } from './parameters';
import { healthOf } from './probes';

const tag = 'Cluster';
const params = Type.Object({ brokerId: BrokerNumber });

function brokerRoutes(parts: CoordinatorParts): Route[] {
  const { observation } = parts;
  const brokerOf = (brokerId: number): BrokerView => {
    const broker = observation.cluster().brokers.find((view) => view.brokerId === brokerId);
    if (!broker) throw absent(parts.tree.ready, 'UNKNOWN_BROKER', `No broker ${brokerId} has been seen`);
    return broker;
  };
  return [
    route({
      method: 'get',
      path: '/api/brokers',
      tag,
      summary: 'All brokers that have been seen',
      answer: BrokerList,
      handle: () => {
        const { freshness, brokers } = observation.cluster();
        return { freshness, brokers };
      },
    }),
    route({
      method: 'get',
      path: '/api/brokers/{brokerId}',
      tag,
      summary: 'One broker',
      params,
      answer: BrokerView,
      handle: ({ params: { brokerId } }) => brokerOf(brokerId),
    }),
    route({
      method: 'get',
      path: '/api/brokers/{brokerId}/configs',
      tag,
      summary: 'The configuration of a broker, value by value with where it comes from',
      params,
      answer: ConfigList,
      handle: ({ params: { brokerId } }) => {
        brokerOf(brokerId);
        return withClient(parts, LOOK_TIMEOUT_MS, (cluster) => describeBrokerConfig(cluster, brokerId));
      },
    }),
  ];
}

export function clusterRoutes(parts: CoordinatorParts): Route[] {
  const { observation } = parts;
  return [
    route({
      method: 'get',
      path: '/api/cluster',
      tag,
      summary: 'Everything of the overview: brokers, controller, ZooKeeper, counts and the verdict',
      answer: ClusterView,
      handle: () => observation.cluster(),
    }),
    route({
      method: 'get',
      path: '/api/health',
      tag,
      summary: 'The verdict and its reasons; always 200, unlike /health',
      answer: HealthAnswer,
      handle: () => healthOf(parts),
    }),
    ...brokerRoutes(parts),
    route({
      method: 'get',
      path: '/api/controller',
      tag,
      summary: 'The controller',
      answer: ControllerView,
      handle: () => observation.cluster().controller,
    }),
    route({
      method: 'get',
      path: '/api/zookeeper',
      tag,
      summary: 'ZooKeeper’s servers and the coordinator’s session',
      answer: ZooKeeperView,
      handle: () => observation.cluster().zookeeper,
    }),
  ];
}
