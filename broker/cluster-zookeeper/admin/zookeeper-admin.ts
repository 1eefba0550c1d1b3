/** Ties the administrators' requests together. */
import type { InputOf } from '../../../protocol';
import type {
  AlterConfigsRequest,
  AlterConfigsResponse,
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  CreateTopicsRequest,
  CreateTopicsResponse,
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  DescribeConfigsRequest,
  DescribeConfigsResponse,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../../protocol/apis';
import { ConfigRequests } from './config-requests';
import type { Admin } from './index';
import { TopicRequests, type TopicRequestParts } from './topic-requests';

export class ZooKeeperAdmin implements Admin {
  private readonly topics: TopicRequests;
  private readonly configs: ConfigRequests;

  constructor(parts: TopicRequestParts) {
    this.topics = new TopicRequests(parts);
    this.configs = new ConfigRequests(parts);
  }

  createTopics(request: CreateTopicsRequest): Promise<InputOf<CreateTopicsResponse>> {
    return this.topics.createTopics(request);
  }

  deleteTopics(request: DeleteTopicsRequest, version: number): Promise<InputOf<DeleteTopicsResponse>> {
    return this.topics.deleteTopics(request, version);
  }

  createPartitions(request: CreatePartitionsRequest): Promise<InputOf<CreatePartitionsResponse>> {
    return this.topics.createPartitions(request);
  }

  describeConfigs(request: DescribeConfigsRequest): Promise<InputOf<DescribeConfigsResponse>> {
    return this.configs.describeConfigs(request);
  }

  alterConfigs(request: AlterConfigsRequest): Promise<InputOf<AlterConfigsResponse>> {
    return this.configs.alterConfigs(request);
  }

  incrementalAlterConfigs(request: IncrementalAlterConfigsRequest): Promise<InputOf<IncrementalAlterConfigsResponse>> {
    return this.configs.incrementalAlterConfigs(request);
  }
}
