import java.io.BufferedReader;
import java.io.FileWriter;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Producers and the members of one group that work until they are told to stop, and write down all they did, one operation
 * as JSON on a line; what the operations are says history/operations.ts. Arguments: bootstrap servers, topic, number of
 * partitions, the file to write. Commands on standard input, each answered with a line: start, progress (the records
 * acknowledged to each producer, the records polled, the commits acknowledged), committed (an offset for each partition),
 * stopProducers, stop (what failed unexpectedly).
 */
public class HistoryClients {
    static final String GROUP = "java";
    static final int PAUSE_MS = 20;
    static final int RECORDS_BETWEEN_PAUSES = 4;
    static String bootstrap;
    static String topic;
    static int partitions;
    static PrintWriter history;
    static volatile boolean producing = true;
    static volatile boolean consuming = true;
    static final List<String> failures = Collections.synchronizedList(new ArrayList<>());
    static final AtomicLong polled = new AtomicLong();
    static final AtomicLong commits = new AtomicLong();
    static final Map<Integer, Long> lastCommitted = new java.util.concurrent.ConcurrentSkipListMap<>();
    static final List<Sender> senders = new ArrayList<>();
    static final List<Thread> readers = new ArrayList<>();

    public static void main(String[] args) throws Exception {
        bootstrap = args[0];
        topic = args[1];
        partitions = Integer.parseInt(args[2]);
        history = new PrintWriter(new FileWriter(args[3]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(answer(line));
            System.out.flush();
        }
        history.close();
    }

    static String answer(String command) throws Exception {
        switch (command) {
            case "start":
                // A patient one, and one that gives up early, so that there are records of which nobody knows.
                senders.add(new Sender("java-patient", Map.of()));
                senders.add(new Sender("java-hasty", Map.of("request.timeout.ms", "1200", "delivery.timeout.ms", "1500")));
                readers.add(new Thread(() -> consume("java-stays", Long.MAX_VALUE)));
                readers.add(new Thread(() -> consume("java-leaves", 4_000)));
                readers.add(new Thread(HistoryClients::readCommitted));
                senders.forEach(Thread::start);
                readers.forEach(Thread::start);
                return "started";
            case "progress":
                String acknowledged = senders.stream().map(s -> s.acknowledged.toString()).collect(Collectors.joining(" "));
                return acknowledged + " " + polled + " " + commits;
            case "committed":
                return lastCommitted.values().stream().map(String::valueOf).collect(Collectors.joining(" "));
            case "stopProducers":
                producing = false;
                for (Sender sender : senders) sender.join();
                return "stopped";
            case "stop":
                consuming = false;
                for (Thread reader : readers) reader.join();
                history.flush();
                return failures.toString();
            default:
                throw new IllegalArgumentException(command);
        }
    }

    static long nowUs() {
        return System.nanoTime() / 1000;
    }

    static synchronized void record(String op, String process, long beginUs, String fields) {
        history.println(String.format("{\"op\":\"%s\",\"process\":\"%s\",\"beginUs\":%d,\"endUs\":%d,%s}", op, process, beginUs, nowUs(), fields));
    }

    static void recordOfGroup(String op, String process, long beginUs, String fields) {
        record(op, process, beginUs, "\"group\":\"" + GROUP + "\"," + fields);
    }

    static Properties with(Map<String, String> more, String... pairs) {
        Properties all = new Properties();
        all.put("bootstrap.servers", bootstrap);
        all.put("reconnect.backoff.max.ms", "200");
        for (int i = 0; i < pairs.length; i += 2) all.put(pairs[i], pairs[i + 1]);
        all.putAll(more);
        return all;
    }

    static class Sender extends Thread {
        final AtomicLong acknowledged = new AtomicLong();
        private final String process;
        private final Map<String, String> settings;

        Sender(String process, Map<String, String> settings) {
            this.process = process;
            this.settings = settings;
        }

        @Override
        public void run() {
            String serializer = "org.apache.kafka.common.serialization.StringSerializer";
            Properties all = with(settings, "key.serializer", serializer, "value.serializer", serializer, "linger.ms", "5", "client.id", process);
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(all)) {
                for (int i = 0; producing; i++) {
                    send(producer, i % partitions, process + "-" + i);
                    if (i % RECORDS_BETWEEN_PAUSES == 0) Thread.sleep(PAUSE_MS);
                }
            } catch (InterruptedException | KafkaException error) {
                failures.add(process + " " + error);
            }
        }

        private void send(KafkaProducer<String, String> producer, int partition, String value) {
            long beginUs = nowUs();
            producer.send(new ProducerRecord<>(topic, partition, null, value), (metadata, error) -> {
                if (error == null) acknowledged.incrementAndGet();
                boolean told = error == null && metadata.hasOffset();
                String outcome = error == null ? "ok" : "unknown";
                record("send", process, beginUs, String.format("\"partition\":%d,\"value\":\"%s\",\"offset\":%s,\"outcome\":\"%s\",\"error\":\"%s\"",
                    partition, value, told ? metadata.offset() : "null", outcome, error == null ? "" : error.getClass().getSimpleName()));
            });
        }
    }

    /** One consumer after the other, each of which leaves the group after a while. */
    static void consume(String name, long lifeMs) {
        for (int life = 1; consuming; life++) {
            Member member = new Member(lifeMs == Long.MAX_VALUE ? name : name + "-" + life);
            try {
                member.run(lifeMs);
            } catch (RuntimeException error) {
                failures.add(member.process + " " + error);
                return;
            }
        }
    }

    static class Member implements ConsumerRebalanceListener {
        final String process;
        private final KafkaConsumer<String, String> consumer;
        private int commitCalls = 0;

        Member(String process) {
            this.process = process;
            String deserializer = "org.apache.kafka.common.serialization.StringDeserializer";
            consumer = new KafkaConsumer<>(with(Map.of("key.deserializer", deserializer, "value.deserializer", deserializer),
                "client.id", process, "group.id", GROUP, "enable.auto.commit", "false", "auto.offset.reset", "earliest",
                "session.timeout.ms", "3000", "heartbeat.interval.ms", "300", "request.timeout.ms", "3000",
                "default.api.timeout.ms", "5000", "fetch.max.wait.ms", "100", "max.poll.records", "200"));
        }

        void run(long lifeMs) {
            long endNs = lifeMs == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + lifeMs * 1_000_000;
            try (consumer) {
                consumer.subscribe(List.of(topic), this);
                while (consuming && System.nanoTime() < endNs) {
                    long beginUs = nowUs();
                    ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
                    if (records.isEmpty()) continue;
                    recordPoll(beginUs, records);
                    commit(records);
                }
            }
        }

        private void recordPoll(long beginUs, ConsumerRecords<String, String> records) {
            List<String> triples = new ArrayList<>();
            for (ConsumerRecord<String, String> each : records)
                triples.add(String.format("[%d,%d,\"%s\"]", each.partition(), each.offset(), each.value()));
            polled.addAndGet(triples.size());
            recordOfGroup("poll", process, beginUs, "\"records\":[" + String.join(",", triples) + "]");
        }

        private void commit(ConsumerRecords<String, String> records) {
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            for (TopicPartition each : records.partitions()) {
                List<ConsumerRecord<String, String>> of = records.records(each);
                ConsumerRecord<String, String> last = of.get(of.size() - 1);
                // With its epoch, so that whoever reads on from there is not misled by a leader that is stale (KIP-320).
                offsets.put(each, new OffsetAndMetadata(last.offset() + 1, last.leaderEpoch(), ""));
            }
            long beginUs = nowUs();
            int generation = consumer.groupMetadata().generationId();
            String error = "";
            try {
                consumer.commitSync(offsets);
                commits.incrementAndGet();
                offsets.forEach((each, offset) -> lastCommitted.put(each.partition(), offset.offset()));
            } catch (KafkaException thrown) {
                error = thrown.getClass().getSimpleName();
            }
            recordOfGroup("commit", process, beginUs, String.format("\"generation\":%d,\"offsets\":%s,\"outcome\":\"%s\",\"error\":\"%s\"",
                generation, pairs(offsets), error.isEmpty() ? "ok" : "unknown", error));
            if (error.isEmpty() && ++commitCalls % 5 == 0) readBack(offsets);
        }

        private void readBack(Map<TopicPartition, OffsetAndMetadata> offsets) {
            long beginUs = nowUs();
            try {
                recordOfGroup("committed", process, beginUs, "\"settled\":false,\"offsets\":" + pairs(consumer.committed(offsets.keySet())));
            } catch (KafkaException unavailable) {
                // nobody was told anything
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            String numbers = assigned.stream().map(each -> String.valueOf(each.partition())).collect(Collectors.joining(","));
            recordOfGroup("assign", process, nowUs(), "\"partitions\":[" + numbers + "]");
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            // what was polled is committed already
        }
    }

    /** Asks for the group's offsets from outside of it, again and again. */
    static void readCommitted() {
        try (Admin admin = Admin.create(with(Map.of(), "default.api.timeout.ms", "5000", "request.timeout.ms", "3000"))) {
            while (consuming) {
                long beginUs = nowUs();
                try {
                    var offsets = admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get();
                    recordOfGroup("committed", "java-admin", beginUs, "\"settled\":false,\"offsets\":" + pairs(offsets));
                } catch (java.util.concurrent.ExecutionException unavailable) {
                    // nobody was told anything
                }
                Thread.sleep(100);
            }
        } catch (InterruptedException error) {
            failures.add(error.toString());
        }
    }

    static String pairs(Map<TopicPartition, OffsetAndMetadata> offsets) {
        return offsets.entrySet().stream()
            .map(each -> String.format("[%d,%s]", each.getKey().partition(), each.getValue() == null ? "null" : each.getValue().offset()))
            .collect(Collectors.joining(",", "[", "]"));
    }
}
