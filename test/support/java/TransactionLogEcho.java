import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.apache.jute.Record;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.ByteBufferInputStream;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.TxnLog;
import org.apache.zookeeper.txn.*;

/**
 * ZooKeeper's own view of its transaction log.
 *
 *   write CONNECT SEED COUNT   random operations of every kind that a client can ask for, by several sessions, some of
 *                              which end orderly and some of which expire
 *   read DIRECTORY             one line per transaction, as ZooKeeper's own reader sees it
 */
public class TransactionLogEcho {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("write")) write(args[1], Long.parseLong(args[2]), Integer.parseInt(args[3]));
        else read(new File(args[1]));
        System.exit(0);
    }

    private static ZooKeeper connect(String address, int timeoutMs) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper zk = new ZooKeeper(address, timeoutMs, event -> {
            if (event.getState() == KeeperState.SyncConnected) connected.countDown();
        });
        connected.await();
        return zk;
    }

    private static void write(String address, long seed, int count) throws Exception {
        Random random = new Random(seed);
        List<ZooKeeper> sessions = new ArrayList<>();
        for (int i = 0; i < 3; i++) sessions.add(connect(address, 5_000));
        for (int i = 0; i < count; i++) {
            ZooKeeper zk = sessions.get(random.nextInt(sessions.size()));
            try {
                operate(zk, random);
            } catch (KeeperException expected) {
                // Requests that fail are transactions as well.
            }
            if (i == count / 2) sessions.remove(0).close();
        }
        // Left open: it expires when this process is gone.
        sessions.remove(0).close();
    }

    private static void operate(ZooKeeper zk, Random random) throws Exception {
        String path = path(random);
        byte[] data = data(random);
        var acl = ZooDefs.Ids.OPEN_ACL_UNSAFE;
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> zk.create(path, data, acl, CreateMode.PERSISTENT);
            case 3 -> zk.create(path, data, acl, CreateMode.EPHEMERAL);
            case 4 -> zk.create(path, data, acl, CreateMode.PERSISTENT_SEQUENTIAL, new org.apache.zookeeper.data.Stat());
            case 5 -> zk.create(path, data, acl, CreateMode.CONTAINER);
            case 6 -> zk.create(path, data, acl, CreateMode.PERSISTENT_WITH_TTL, null, 60_000 + random.nextInt(1000));
            case 7 -> zk.setData(path, data, random.nextInt(4) - 1);
            case 8 -> zk.delete(path, random.nextInt(3) - 1);
            case 9 -> zk.setACL(path, acl, -1);
            default -> multi(zk, random);
        }
    }

    private static void multi(ZooKeeper zk, Random random) throws Exception {
        List<Op> ops = new ArrayList<>();
        for (int i = 0, n = 1 + random.nextInt(4); i < n; i++) {
            String path = path(random);
            ops.add(switch (random.nextInt(5)) {
                case 0 -> Op.create(path, data(random), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
                case 1 -> Op.create(path, data(random), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
                case 2 -> Op.setData(path, data(random), -1);
                case 3 -> Op.delete(path, -1);
                default -> Op.check(path, random.nextInt(2));
            });
        }
        zk.multi(ops);
    }

    private static String path(Random random) {
        StringBuilder path = new StringBuilder();
        for (int i = 0, depth = 1 + random.nextInt(3); i < depth; i++) path.append("/").append("abcd".charAt(random.nextInt(4)));
        if (random.nextInt(20) == 0) path.append("\u00e4\u20ac");
        return path.toString();
    }

    private static byte[] data(Random random) {
        if (random.nextInt(5) == 0) return null;
        byte[] data = new byte[random.nextInt(10) == 0 ? 20_000 : random.nextInt(40)];
        random.nextBytes(data);
        return data;
    }

    private static void read(File directory) throws Exception {
        TxnLog.TxnIterator log = new FileTxnLog(directory).read(0);
        StringBuilder lines = new StringBuilder();
        while (log.getHeader() != null) {
            TxnHeader header = log.getHeader();
            lines.append(String.format("%x %016x %d %d %s%n", header.getZxid(), header.getClientId(), header.getCxid(),
                header.getTime(), body(header.getType(), log.getTxn())));
            if (!log.next()) break;
        }
        System.out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    private static String body(int type, Record record) throws Exception {
        if (record == null) return type == OpCode.closeSession ? "closeSession -" : "unknown " + type;
        if (record instanceof CreateTxn c) return create(c.getPath(), c.getData(), c.getEphemeral(), c.getParentCVersion(), "-", false);
        if (record instanceof CreateTTLTxn c) return create(c.getPath(), c.getData(), false, c.getParentCVersion(), "" + c.getTtl(), false);
        if (record instanceof CreateContainerTxn c) return create(c.getPath(), c.getData(), false, c.getParentCVersion(), "-", true);
        if (record instanceof DeleteTxn d) return "delete " + d.getPath();
        if (record instanceof SetDataTxn s) return "setData " + s.getPath() + " " + hex(s.getData()) + " " + s.getVersion();
        if (record instanceof SetACLTxn s) return "setAcl " + s.getPath() + " " + s.getVersion();
        if (record instanceof CheckVersionTxn c) return "check " + c.getPath() + " " + c.getVersion();
        if (record instanceof ErrorTxn e) return "error " + e.getErr();
        if (record instanceof CreateSessionTxn c) return "createSession " + c.getTimeOut();
        // Since ZooKeeper 3.6 only, so not by its class.
        if (record.getClass().getSimpleName().equals("CloseSessionTxn")) {
            List<?> paths = (List<?>) record.getClass().getMethod("getPaths2Delete").invoke(record);
            return "closeSession " + String.join(",", paths.stream().map(String::valueOf).toList());
        }
        if (record instanceof MultiTxn multi) {
            List<String> steps = new ArrayList<>();
            for (Txn step : multi.getTxns()) {
                Record inner = switch (step.getType()) {
                    case OpCode.create, OpCode.create2 -> new CreateTxn();
                    case OpCode.createTTL -> new CreateTTLTxn();
                    case OpCode.createContainer -> new CreateContainerTxn();
                    case OpCode.delete, OpCode.deleteContainer -> new DeleteTxn();
                    case OpCode.setData -> new SetDataTxn();
                    case OpCode.check -> new CheckVersionTxn();
                    default -> new ErrorTxn();
                };
                ByteBufferInputStream.byteBuffer2Record(ByteBuffer.wrap(step.getData()), inner);
                steps.add(body(step.getType(), inner));
            }
            return "multi " + String.join("; ", steps);
        }
        return "unknown " + type;
    }

    private static String create(String path, byte[] data, boolean ephemeral, int parentCVersion, String ttl, boolean container) {
        return "create " + path + " " + hex(data) + " " + ephemeral + " " + parentCVersion + " " + ttl + " " + container;
    }

    private static String hex(byte[] data) {
        return data == null ? "null" : "x" + HexFormat.of().formatHex(data);
    }
}
