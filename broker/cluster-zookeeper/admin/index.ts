/** Topics and configurations on behalf of administrators: what the handlers of the admin APIs call. */
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

export interface Admin {
  createTopics(request: CreateTopicsRequest): Promise<InputOf<CreateTopicsResponse>>;
  deleteTopics(request: DeleteTopicsRequest, version: number): Promise<InputOf<DeleteTopicsResponse>>;
  createPartitions(request: CreatePartitionsRequest): Promise<InputOf<CreatePartitionsResponse>>;
  describeConfigs(request: DescribeConfigsRequest): Promise<InputOf<DescribeConfigsResponse>>;
  alterConfigs(request: AlterConfigsRequest): Promise<InputOf<AlterConfigsResponse>>;
  incrementalAlterConfigs(request: IncrementalAlterConfigsRequest): Promise<InputOf<IncrementalAlterConfigsResponse>>;
}
