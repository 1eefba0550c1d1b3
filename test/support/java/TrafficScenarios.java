import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;

/**
 * Records 0, 1, 2 … that flow without end while a test restarts the brokers: from an idempotent producer to a consumer
 * group, and to one consumer in each rack, which reads from followers where it can. What the test may do in the meantime
 * takes as long as the machine needs; a failure is only when something does not move on for STALL_MS.
 */
public class TrafficScenarios extends Scenarios {
    static final int PARTITIONS = 3;
    static final int RACKS = 3;
    static final int LEAST_RECORDS = 1_000;
    static final long STALL_MS = 30_000;
    /** Of missing or disordered records so many are named. */
    static final int MOST_NAMED = 10;

    static int runs;
    static String topic;
    static Sender sender;
    static final List<Reader> readers = new ArrayList<>();

    /** Begins at a thousand records a second. The fact is the name of the topic, which is that of the group, too. */
    static void start() throws Exception {
        begin(10);
    }

    /** Begins as fast as the brokers take it. */
    static void flood() throws Exception {
        begin(0);
    }

    /**
     * Ends the sending when it goes on and there are enough records to mean something, and waits until everybody has read
     * everything. The facts: sends that failed; what is wrong with what is stored and read.
     */
    static void stop() throws Exception {
        int enough = Math.max(LEAST_RECORDS, sender.acknowledged.get() + 100);
        try {
            awaitProgress("the records flow on", () -> sender.acknowledged.get() > enough, sender.acknowledged::get);
            sender.running = false;
            awaitProgress("the sender ends", () -> !sender.isAlive(), () -> sender.acknowledged.get() + sender.failures.size());
            awaitProgress("every reader has read everything", () -> readers.stream().allMatch(Reader::hasAll), TrafficScenarios::allRead);
        } finally {
            sender.running = false;
            for (Reader reader : readers) reader.finish();
        }
        long stored = ends(topic, PARTITIONS).stream().mapToLong(Long::longValue).sum();
        List<String> complaints = new ArrayList<>();
        for (Reader reader : readers) complaints.addAll(reader.complaints);
        if (stored != sender.sent) complaints.add(sender.sent + " were sent and " + stored + " are stored");
        fact(sender.failures);
        fact(complaints);
    }

    private static void begin(int pauseMs) throws Exception {
        topic = "traffic-" + runs++;
        create(topic, PARTITIONS);
        readers.clear();
        sender = new Sender(pauseMs);
        readers.add(new Reader("group", with("group.id", topic), false));
        for (int rack = 0; rack < RACKS; rack++) readers.add(new Reader("rack" + rack, with("client.rack", "rack" + rack), true));
        for (Reader reader : readers) reader.start();
        sender.start();
        awaitProgress("the records reach every reader", () -> leastRead() > 100, TrafficScenarios::leastRead);
        fact(topic);
    }

    private static int leastRead() {
        return readers.stream().mapToInt(reader -> reader.count).min().orElse(0);
    }

    private static int allRead() {
        return readers.stream().mapToInt(reader -> reader.count).sum();
    }

    /** Fails, and says what it sees, when the condition does not hold and `progress` has not changed for STALL_MS. */
    private static void awaitProgress(String what, Condition condition, IntSupplier progress) throws Exception {
        int seen = progress.getAsInt();
        long movedMs = System.currentTimeMillis();
        while (!condition.holds()) {
            int now = progress.getAsInt();
            if (now != seen) movedMs = System.currentTimeMillis();
            seen = now;
            if (System.currentTimeMillis() - movedMs > STALL_MS) {
                String text = what + ": no progress for " + STALL_MS + " ms; " + describe() + whereaboutsOfMissing();
                throw new TimeoutException(text);
            }
            Thread.sleep(20);
        }
    }

    private static String describe() {
        StringBuilder text = new StringBuilder(sender + " ");
        for (Reader reader : readers) text.append(reader).append(' ');
        return text.toString();
    }

    /** Whether what the readers lack is in the log: then they are stuck, and nothing is lost. */
    private static String whereaboutsOfMissing() {
        BitSet stored = new BitSet();
        StringBuilder text = new StringBuilder();
        boolean known = false;
        try (KafkaConsumer<String, String> consumer = consumer(new Properties())) {
            List<TopicPartition> all = partitions();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all, Duration.ofSeconds(10));
            text.append("the partitions end at ").append(byNumber(ends));
            long deadlineMs = System.currentTimeMillis() + STALL_MS;
            while (!known && System.currentTimeMillis() < deadlineMs) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) stored.set(Integer.parseInt(record.value()));
                known = all.stream().allMatch(one -> consumer.position(one) >= ends.get(one));
            }
        } catch (Exception error) {
            text.append("the topic cannot be read: ").append(error);
        }
        for (Reader reader : readers) {
            BitSet missing = reader.missing();
            text.append("; ").append(reader.name).append(" lacks ").append(missing.cardinality());
            missing.andNot(stored);
            if (known) text.append(", not in the log of them are ").append(missing.cardinality()).append(firstOf(missing));
        }
        return text.toString();
    }

    private static String firstOf(BitSet numbers) {
        return Arrays.toString(numbers.stream().limit(MOST_NAMED).toArray());
    }

    private static Map<Integer, Long> byNumber(Map<TopicPartition, Long> offsets) {
        Map<Integer, Long> numbers = new TreeMap<>();
        offsets.forEach((partition, offset) -> numbers.put(partition.partition(), offset));
        return numbers;
    }

    private static List<TopicPartition> partitions() {
        return IntStream.range(0, PARTITIONS).mapToObj(partition -> new TopicPartition(topic, partition)).toList();
    }

    /** Sends until it is told to stop; it ends when all that it has sent is acknowledged or has failed. */
    static class Sender extends Thread {
        final List<String> failures = Collections.synchronizedList(new ArrayList<>());
        final AtomicInteger acknowledged = new AtomicInteger();
        volatile int sent;
        volatile boolean running = true;
        private final int pauseMs;

        Sender(int pauseMs) {
            this.pauseMs = pauseMs;
            setDaemon(true);
        }

        @Override
        public void run() {
            try (Producer<String, String> producer = producer(with("linger.ms", "2"))) {
                while (running) {
                    producer.send(new ProducerRecord<>(topic, "k" + sent % 50, String.valueOf(sent)), (metadata, error) -> {
                        if (error == null) acknowledged.incrementAndGet();
                        else failures.add(error.toString());
                    });
                    sent++;
                    if (pauseMs > 0 && sent % 10 == 0) Thread.sleep(pauseMs);
                }
            } catch (Exception error) {
                failures.add(error.toString());
            }
        }

        @Override
        public String toString() {
            return sent + " sent, " + acknowledged + " acknowledged, " + failures.size() + " failed;";
        }
    }

    /**
     * Reads all partitions. One without a group has to see each offset and each number once and in order; a member of a
     * group may see some again after a rebalance.
     */
    static class Reader extends Thread {
        final String name;
        final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
        volatile int count;
        private final BitSet values = new BitSet();
        private final long[] next = new long[PARTITIONS];
        private final int[] last = new int[PARTITIONS];
        private final KafkaConsumer<String, String> consumer;
        private final boolean once;
        private volatile boolean closing;

        Reader(String name, Properties settings, boolean once) {
            this.name = name;
            this.once = once;
            consumer = consumer(with(settings, "auto.offset.reset", once ? "none" : "earliest", "heartbeat.interval.ms", "200"));
            Arrays.fill(last, -1);
            setDaemon(true);
        }

        @Override
        public void run() {
            try (consumer) {
                if (once) {
                    consumer.assign(partitions());
                    for (TopicPartition partition : partitions()) consumer.seek(partition, 0);
                } else {
                    consumer.subscribe(List.of(topic));
                }
                while (!closing) for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) take(record);
            } catch (Exception error) {
                complain(error.toString());
            }
        }

        boolean hasAll() {
            return count >= sender.sent || !isAlive();
        }

        synchronized BitSet missing() {
            BitSet missing = new BitSet();
            missing.set(0, sender.sent);
            missing.andNot(values);
            return missing;
        }

        void finish() throws InterruptedException {
            closing = true;
            join(DEADLINE_MS);
        }

        private synchronized void take(ConsumerRecord<String, String> record) {
            int partition = record.partition();
            int value = Integer.parseInt(record.value());
            if (once && record.offset() != next[partition]) complain(partition + "@" + record.offset() + " comes instead of " + next[partition]);
            if (once && value <= last[partition]) complain(value + " comes after " + last[partition] + " in partition " + partition);
            next[partition] = record.offset() + 1;
            last[partition] = value;
            if (!values.get(value)) count++;
            values.set(value);
        }

        private void complain(String what) {
            if (complaints.size() < MOST_NAMED) complaints.add(name + ": " + what);
        }

        @Override
        public synchronized String toString() {
            return name + " has read " + count + " up to " + Arrays.toString(next) + (isAlive() ? "" : " and has ended") + complaints + ";";
        }
    }
}
