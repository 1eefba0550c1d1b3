import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;

/**
 * Runs the Java clients in uses that Kafka's command line tools do not have. Started with the bootstrap servers; each line of
 * standard input names a scenario, `Class.method`, and its answer is one line: facts about what happened, separated by tabs,
 * or "!" and why it failed. What is right is up to the test that reads the facts. Holds what the scenarios share.
 */
public class Scenarios {
    static final long DEADLINE_MS = 30_000;
    static String bootstrap;
    static Admin admin;
    static final List<String> facts = new ArrayList<>();

    public static void main(String[] args) throws Exception {
        bootstrap = args[0];
        admin = Admin.create(common());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            facts.clear();
            String answer;
            try {
                Class.forName(line.split("\\.")[0]).getDeclaredMethod(line.split("\\.")[1]).invoke(null);
                answer = String.join("\t", facts);
            } catch (Throwable error) {
                StringWriter trace = new StringWriter();
                (error.getCause() == null ? error : error.getCause()).printStackTrace(new PrintWriter(trace));
                answer = "!" + trace.toString().replace("\n", "\\n").replace("\t", " ") + " after the facts " + facts;
            }
            System.out.println(answer);
            System.out.flush();
        }
        admin.close(Duration.ofSeconds(5));
    }

    /** A consumer in a thread of its own, with what it was assigned and what it has read. */
    static class Member implements ConsumerRebalanceListener, AutoCloseable {
        final List<String> values = Collections.synchronizedList(new ArrayList<>());
        final List<String> events = new ArrayList<>();
        volatile int generation = -1;
        volatile Exception failure;
        private final KafkaConsumer<String, String> consumer;
        private final Set<Integer> assigned = new TreeSet<>();
        private final Thread thread;
        private volatile boolean closing;

        Member(String topic, Properties settings) {
            consumer = consumer(with(settings, "auto.offset.reset", "earliest", "heartbeat.interval.ms", "200"));
            thread = new Thread(() -> run(topic));
            thread.start();
        }

        private void run(String topic) {
            try (consumer) {
                consumer.subscribe(List.of(topic), this);
                while (!closing) {
                    for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) values.add(record.value());
                    generation = consumer.groupMetadata().generationId();
                }
            } catch (WakeupException error) {
                // close() wants it to end
            } catch (Exception error) {
                failure = error;
            }
        }

        synchronized Set<Integer> partitions() {
            return new TreeSet<>(assigned);
        }

        /** Numbers of partitions given and taken since the last call. */
        synchronized String takeEvents() {
            String text = String.join(" ", events);
            events.clear();
            return text;
        }

        @Override
        public synchronized void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) assigned.add(partition.partition());
            if (!partitions.isEmpty()) events.add("+" + partitions.size());
        }

        @Override
        public synchronized void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) assigned.remove(partition.partition());
            if (!partitions.isEmpty()) events.add("-" + partitions.size());
        }

        @Override
        public void close() throws InterruptedException {
            closing = true;
            consumer.wakeup();
            thread.join(DEADLINE_MS);
        }
    }

    interface Action {
        void run() throws Exception;
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static void fact(Object... parts) {
        facts.add(java.util.Arrays.stream(parts).map(String::valueOf).collect(Collectors.joining(" ")));
    }

    /** Name and text of what an action throws, or "none". */
    static String failure(Action action) {
        try {
            action.run();
            return "none";
        } catch (Exception error) {
            Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
            return (cause.getClass().getSimpleName() + ": " + cause.getMessage()).replace('\n', ' ');
        }
    }

    static void until(String what, Condition condition) throws Exception {
        long deadline = System.currentTimeMillis() + DEADLINE_MS;
        Exception seen = null;
        while (System.currentTimeMillis() < deadline) {
            try {
                if (condition.holds()) return;
            } catch (ExecutionException error) {
                seen = error;
            }
            Thread.sleep(20);
        }
        throw new TimeoutException(what + " did not happen within " + DEADLINE_MS + " ms", seen);
    }

    static Properties common() {
        return with("bootstrap.servers", bootstrap, "client.id", "java", "request.timeout.ms", "20000");
    }

    static Properties with(String... pairs) {
        return with(new Properties(), pairs);
    }

    static Properties with(Properties base, String... pairs) {
        Properties all = new Properties();
        all.putAll(base);
        IntStream.range(0, pairs.length / 2).forEach(i -> all.put(pairs[2 * i], pairs[2 * i + 1]));
        return all;
    }

    static Producer<String, String> producer(Properties settings) {
        Properties all = common();
        all.putAll(settings);
        for (String side : List.of("key", "value")) {
            all.put(side + ".serializer", "org.apache.kafka.common.serialization.StringSerializer");
        }
        return new KafkaProducer<>(all);
    }

    static KafkaConsumer<String, String> consumer(Properties settings) {
        Properties all = common();
        all.putAll(settings);
        for (String side : List.of("key", "value")) {
            all.put(side + ".deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        }
        return new KafkaConsumer<>(all);
    }

    static void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 3))).all().get(20, TimeUnit.SECONDS);
    }

    /** Each question may go to another broker, which may hear of a topic a moment later than the one that created it. */
    static <T> T onceKnown(Callable<T> question) throws Exception {
        AtomicReference<T> answer = new AtomicReference<>();
        until("an answer", () -> {
            answer.set(question.call());
            return true;
        });
        return answer.get();
    }

    static TopicDescription describe(String topic) throws Exception {
        return onceKnown(() -> admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic));
    }

    static ConsumerGroupDescription group(String groupId) throws Exception {
        return admin.describeConsumerGroups(List.of(groupId)).all().get().get(groupId);
    }

    static Map<TopicPartition, OffsetAndMetadata> committed(String groupId) throws Exception {
        return admin.listConsumerGroupOffsets(groupId).partitionsToOffsetAndMetadata().get();
    }

    static void alter(ConfigResource resource, String name, String value, AlterConfigOp.OpType type) throws Exception {
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry(name, value), type);
        long deadline = System.currentTimeMillis() + DEADLINE_MS;
        while (true) {
            try {
                admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
                return;
            } catch (ExecutionException error) {
                // The broker that is asked has not yet heard of the topic.
                boolean unknown = error.getCause() instanceof UnknownTopicOrPartitionException;
                if (!unknown || System.currentTimeMillis() > deadline) throw error;
                Thread.sleep(20);
            }
        }
    }

    static void untilConfig(ConfigResource resource, String name, String value) throws Exception {
        until(name + " is " + value, () -> {
            ConfigEntry entry = admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name);
            return java.util.Objects.equals(entry.value(), value);
        });
    }

    /** Values 0, 1, 2 … with the times 1000000, 1000001, 1000002 …, each in a batch of its own. */
    static void sendNumbered(String topic, int partition, int count) throws Exception {
        try (Producer<String, String> producer = producer(with("batch.size", "0", "linger.ms", "0"))) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, partition, 1_000_000L + i, null, String.valueOf(i)));
            }
        }
    }

    static List<Long> ends(String topic, int partitions) throws Exception {
        List<Long> ends = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            TopicPartition one = new TopicPartition(topic, partition);
            ends.add(admin.listOffsets(Map.of(one, OffsetSpec.latest())).partitionResult(one).get().offset());
        }
        return ends;
    }

    static List<ConsumerRecord<String, String>> read(String topic, int partitions, int count, Properties settings) throws Exception {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer(settings)) {
            List<TopicPartition> all = IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            until(count + " records of " + topic, () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                return records.size() >= count;
            });
        }
        return records;
    }
}
