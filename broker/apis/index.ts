/** The one table of what this broker answers. ApiVersions, dispatch and docs/protocol.md derive from it. */
import { produceHandler } from './00-produce';
import { fetchHandler } from './01-fetch';
import { listOffsetsHandler } from './02-list-offsets';
import { metadataHandler } from './03-metadata';
import { leaderAndIsrHandler } from './04-leader-and-isr';
import { stopReplicaHandler } from './05-stop-replica';
import { updateMetadataHandler } from './06-update-metadata';
import { controlledShutdownHandler } from './07-controlled-shutdown';
import { offsetCommitHandler } from './08-offset-commit';
import { offsetFetchHandler } from './09-offset-fetch';
import { findCoordinatorHandler } from './10-find-coordinator';
import { joinGroupHandler } from './11-join-group';
import { heartbeatHandler } from './12-heartbeat';
import { leaveGroupHandler } from './13-leave-group';
import { syncGroupHandler } from './14-sync-group';
import { describeGroupsHandler } from './15-describe-groups';
import { listGroupsHandler } from './16-list-groups';
import { saslHandshakeHandler } from './17-sasl-handshake';
import { apiVersionsHandler } from './18-api-versions';
import { createTopicsHandler } from './19-create-topics';
import { deleteTopicsHandler } from './20-delete-topics';
import { deleteRecordsHandler } from './21-delete-records';
import { initProducerIdHandler } from './22-init-producer-id';
import { offsetForLeaderEpochHandler } from './23-offset-for-leader-epoch';
import { describeAclsHandler } from './29-describe-acls';
import { createAclsHandler } from './30-create-acls';
import { deleteAclsHandler } from './31-delete-acls';
import { describeConfigsHandler } from './32-describe-configs';
import { alterConfigsHandler } from './33-alter-configs';
import { describeLogDirsHandler } from './35-describe-log-dirs';
import { saslAuthenticateHandler } from './36-sasl-authenticate';
import { createPartitionsHandler } from './37-create-partitions';
import { createDelegationTokenHandler } from './38-create-delegation-token';
import { renewDelegationTokenHandler } from './39-renew-delegation-token';
import { expireDelegationTokenHandler } from './40-expire-delegation-token';
import { describeDelegationTokenHandler } from './41-describe-delegation-token';
import { deleteGroupsHandler } from './42-delete-groups';
import { electLeadersHandler } from './43-elect-leaders';
import { incrementalAlterConfigsHandler } from './44-incremental-alter-configs';
import { alterPartitionReassignmentsHandler } from './45-alter-partition-reassignments';
import { listPartitionReassignmentsHandler } from './46-list-partition-reassignments';
import { offsetDeleteHandler } from './47-offset-delete';
import { alterPartitionHandler } from './56-alter-partition';
import { updateFeaturesHandler } from './57-update-features';
import { describeClusterHandler } from './60-describe-cluster';
import { describeProducersHandler } from './61-describe-producers';
import { allocateProducerIdsHandler } from './67-allocate-producer-ids';
import { consumerGroupHeartbeatHandler } from './68-consumer-group-heartbeat';
import { consumerGroupDescribeHandler } from './69-consumer-group-describe';
import type { Handler } from './handler';
import type { BrokerParts } from './parts';

/** All handlers of a broker. */
export function handlersOf(parts: BrokerParts): readonly Handler[] {
  const handlers: readonly Handler[] = [
    produceHandler(parts),
    fetchHandler(parts),
    listOffsetsHandler(parts),
    metadataHandler(parts),
    leaderAndIsrHandler(parts),
    stopReplicaHandler(parts),
    updateMetadataHandler(parts),
    controlledShutdownHandler(parts),
    offsetCommitHandler(parts),
    offsetFetchHandler(parts),
    findCoordinatorHandler(parts),
    joinGroupHandler(parts),
    heartbeatHandler(parts),
    leaveGroupHandler(parts),
    syncGroupHandler(parts),
    describeGroupsHandler(parts),
    listGroupsHandler(parts),
    saslHandshakeHandler(),
    createTopicsHandler(parts),
    deleteTopicsHandler(parts),
    deleteRecordsHandler(parts),
    initProducerIdHandler(parts),
    offsetForLeaderEpochHandler(parts),
    describeAclsHandler(),
    createAclsHandler(),
    deleteAclsHandler(),
    describeConfigsHandler(parts),
    alterConfigsHandler(parts),
    describeLogDirsHandler(parts),
    saslAuthenticateHandler(),
    createPartitionsHandler(parts),
    createDelegationTokenHandler(),
    renewDelegationTokenHandler(),
    expireDelegationTokenHandler(),
    describeDelegationTokenHandler(),
    deleteGroupsHandler(parts),
    electLeadersHandler(parts),
    incrementalAlterConfigsHandler(parts),
    alterPartitionReassignmentsHandler(parts),
    listPartitionReassignmentsHandler(parts),
    offsetDeleteHandler(parts),
    alterPartitionHandler(parts),
    updateFeaturesHandler(parts),
    describeClusterHandler(parts),
    describeProducersHandler(parts),
    allocateProducerIdsHandler(parts),
    consumerGroupHeartbeatHandler(),
    consumerGroupDescribeHandler(),
  ];
  return [...handlers, apiVersionsHandler(handlers)];
}
