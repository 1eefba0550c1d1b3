/** A connection that knows what its broker speaks, and uses the highest version that both sides know. */
import { KafkaError, type Api, type Fields, type InputOf, type MessageOf } from '../protocol';
import { Connection, type ConnectionOptions, type VersionBounds } from './connection';

export class VersionedConnection {
  private constructor(
    readonly connection: Connection,
    readonly versions: ReadonlyMap<number, VersionBounds>,
  ) {}

  /** Connects and asks for the broker's versions. */
  static async open(options: ConnectionOptions): Promise<VersionedConnection> {
    const connection = await Connection.open(options);
    try {
      return new VersionedConnection(connection, await connection.apiVersions());
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The version to use for an API, or null when the broker has none in common with us. */
  versionOf(api: Api<Fields, Fields>, highest = Infinity): number | null {
    const theirs = this.versions.get(api.key);
    if (!theirs) return null;
    const version = Math.min(theirs.max, api.request.versions.max, highest);
    return version < Math.max(theirs.min, api.request.versions.min) ? null : version;
  }

  /**
   * Sends a request in the best version.
   * @throws KafkaError UNSUPPORTED_VERSION when the broker does not have the API
   */
  send<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    body: InputOf<MessageOf<Q>>,
    options: { timeoutMs?: number; highestVersion?: number } = {},
  ): Promise<MessageOf<S>> {
    const version = this.versionOf(api, options.highestVersion);
    if (version === null) {
      const text = `The broker at ${this.connection.peer} does not support ${api.name}`;
      return Promise.reject(new KafkaError('UNSUPPORTED_VERSION', text));
    }
    return this.connection.send(api, version, body, options);
  }

  close(): void {
    this.connection.close();
  }
}
