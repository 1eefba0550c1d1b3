/** A znode with permissions, which our own adapter does not know (Kafka of this set-up has none). Through the library alone. */

interface LibraryClient {
  once(event: 'connected', listener: () => void): void;
  connect(): void;
  addAuthInfo(scheme: string, auth: Buffer): void;
  create(path: string, data: Buffer, acls: unknown[], callback: (error: Error | null) => void): void;
  close(): void;
}

interface Library {
  createClient(connectString: string): LibraryClient;
  ACL: new (permission: number, id: unknown) => unknown;
  Id: new (scheme: string, id: string) => unknown;
  Permission: { ALL: number };
}

/** Makes a node whose data and children only its maker may read. Everybody may delete it: that is its parent's to allow. */
export async function createSecret(connectString: string, path: string): Promise<void> {
  const { default: library } = (await import('node-zookeeper-client' as string)) as { default: Library };
  const client = library.createClient(connectString);
  await new Promise<void>((resolve) => {
    client.once('connected', resolve);
    client.connect();
  });
  client.addAuthInfo('digest', Buffer.from('maker:password'));
  const acls = [new library.ACL(library.Permission.ALL, new library.Id('auth', ''))];
  try {
    await new Promise<void>((resolve, reject) => {
      client.create(path, Buffer.from('hidden'), acls, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    client.close();
  }
}
