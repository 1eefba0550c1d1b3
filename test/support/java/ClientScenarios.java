import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.errors.*;

/** What producers and consumers do while nothing goes wrong. */
public class ClientScenarios extends Scenarios {
    /** Idempotent, five requests under way, records without keys over six partitions, in every codec. */
    static void codecs() throws Exception {
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            String topic = "java-" + codec;
            create(topic, 6);
            Properties settings = with("compression.type", codec, "max.in.flight.requests.per.connection", "5",
                "enable.idempotence", "true", "batch.size", "4096", "linger.ms", "2");
            try (Producer<String, String> producer = producer(settings)) {
                for (int i = 0; i < 2000; i++) {
                    producer.send(new ProducerRecord<>(topic, null, i + "-" + "filling ".repeat(20)));
                }
                producer.flush();
            }
            long total = 0;
            int used = 0;
            for (long end : ends(topic, 6)) {
                total += end;
                if (end > 0) used++;
            }
            Set<String> values = new HashSet<>();
            boolean ordered = true;
            Map<Integer, Integer> last = new TreeMap<>();
            for (ConsumerRecord<String, String> record : read(topic, 6, 2000, new Properties())) {
                int number = Integer.parseInt(record.value().split("-")[0]);
                ordered &= number > last.getOrDefault(record.partition(), -1);
                last.put(record.partition(), number);
                values.add(record.value());
            }
            fact(codec, total, used, values.size(), ordered);
        }
    }

    /** What comes back of a send: partition by key, offset, sizes, time stamp; and headers in order. */
    static void sendAndReceive() throws Exception {
        create("java-sent", 3);
        try (Producer<String, String> producer = producer(new Properties())) {
            ProducerRecord<String, String> record = new ProducerRecord<>("java-sent", null, 1234567L, "key", "value");
            record.headers().add("h", "1".getBytes(StandardCharsets.UTF_8)).add("h", null);
            RecordMetadata sent = producer.send(record).get();
            fact(sent.partition(), sent.offset(), sent.timestamp(), sent.serializedKeySize(), sent.serializedValueSize());
            fact(producer.partitionsFor("java-sent").size());
            fact(failure(() -> producer.send(new ProducerRecord<>("java-sent", "x".repeat(1_048_000))).get()));
            fact(failure(() -> producer.send(new ProducerRecord<>("bad topic", "x")).get()));
        }
        try (Producer<String, String> producer = producer(with("max.request.size", "4000000"))) {
            fact(failure(() -> producer.send(new ProducerRecord<>("java-sent", "x".repeat(1_100_000))).get()));
        }
        ConsumerRecord<String, String> read = read("java-sent", 3, 2, new Properties()).stream()
            .filter(record -> record.key() != null).findFirst().orElseThrow();
        fact(read.key(), read.value(), read.timestamp(), read.timestampType(), read.leaderEpoch());
        for (var header : read.headers()) fact(header.key(), header.value() == null ? null : new String(header.value()));
    }

    /** Transactions are not there yet: that is said, and soon. */
    static void transactions() {
        long startedMs = System.currentTimeMillis();
        try (Producer<String, String> producer = producer(with("transactional.id", "tx"))) {
            fact(failure(() -> producer.initTransactions()));
        }
        fact(System.currentTimeMillis() - startedMs < 10_000);
    }

    static void positions() throws Exception {
        create("java-positions", 1);
        TopicPartition partition = new TopicPartition("java-positions", 0);
        sendNumbered("java-positions", 0, 10);
        Properties settings = with("group.id", "java-positions", "enable.auto.commit", "false", "auto.offset.reset", "none");
        try (KafkaConsumer<String, String> consumer = consumer(settings)) {
            consumer.assign(List.of(partition));
            fact(failure(() -> consumer.poll(Duration.ofSeconds(10))));
            consumer.seek(partition, 5);
            fact(consumer.position(partition));
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            until("five records", () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                return records.size() >= 5;
            });
            fact(records.get(0).offset(), records.get(0).value(), consumer.position(partition));
            fact(consumer.currentLag(partition));
            consumer.seekToBeginning(List.of(partition));
            fact(consumer.position(partition));
            consumer.seekToEnd(List.of(partition));
            fact(consumer.position(partition));
            fact(consumer.beginningOffsets(List.of(partition)), consumer.endOffsets(List.of(partition)));
            OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, 1_000_003L)).get(partition);
            fact(found.offset(), found.timestamp(), found.leaderEpoch());
            fact(consumer.offsetsForTimes(Map.of(partition, 9_000_000L)).get(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(7, Optional.of(0), "seven")));
            fact(consumer.committed(Set.of(partition)).get(partition));
            consumer.seek(partition, 99);
            fact(failure(() -> consumer.poll(Duration.ofSeconds(10))).split(":")[0]);
            var info = consumer.partitionsFor("java-positions").get(0);
            fact(info.leader() != null, info.replicas().length, info.inSyncReplicas().length);
        }
        fact(read("java-positions", 1, 10, with("isolation.level", "read_committed")).size());
    }

    static void cooperativeRebalance() throws Exception {
        create("java-cooperative", 6);
        Properties settings = with("group.id", "java-cooperative", "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        try (Member first = new Member("java-cooperative", settings)) {
            until("the first has all", () -> first.partitions().size() == 6);
            fact(first.takeEvents());
            try (Member second = new Member("java-cooperative", settings)) {
                until("both have three", () -> first.partitions().size() == 3 && second.partitions().size() == 3);
                fact(first.takeEvents(), Collections.disjoint(first.partitions(), second.partitions()));
                for (int partition = 0; partition < 6; partition++) sendNumbered("java-cooperative", partition, 10);
                until("all was read", () -> first.values.size() + second.values.size() >= 60);
                fact(first.values.size(), second.values.size());
                ConsumerGroupDescription group = admin.describeConsumerGroups(List.of("java-cooperative")).all().get()
                    .get("java-cooperative");
                fact(group.state(), group.type(), group.partitionAssignor(), group.members().size(),
                    group.coordinator().id() >= 0);
            }
            until("the first has all again", () -> first.partitions().size() == 6);
            fact(first.takeEvents());
        }
    }

    /** A static member that comes back gets what it had, and nobody else notices; a twin is fenced. */
    static void staticMembers() throws Exception {
        create("java-static", 4);
        Properties settings = with("group.id", "java-static", "session.timeout.ms", "20000");
        Properties named = with(settings, "group.instance.id", "other");
        try (Member stays = new Member("java-static", with(settings, "group.instance.id", "one"))) {
            Set<Integer> before;
            int generation;
            try (Member leaves = new Member("java-static", named)) {
                until("both have two", () -> stays.partitions().size() == 2 && leaves.partitions().size() == 2
                    && stays.generation > 0 && stays.generation == leaves.generation);
                before = leaves.partitions();
                generation = stays.generation;
                stays.takeEvents();
            }
            try (Member back = new Member("java-static", named)) {
                until("it is back", () -> back.partitions().size() == 2 && back.generation > 0);
                fact(back.partitions().equals(before), stays.takeEvents(), back.generation == generation);
                try (Member twin = new Member("java-static", named)) {
                    until("one of the twins is fenced", () -> back.failure != null);
                    until("the other one has its place", () -> twin.partitions().equals(before));
                    fact(back.failure.getClass().getSimpleName(), stays.takeEvents());
                }
            }
            var members = List.of(new MemberToRemove("other"));
            admin.removeMembersFromConsumerGroup("java-static", new RemoveMembersFromConsumerGroupOptions(members)).all().get();
            until("what it had is handed over", () -> stays.partitions().size() == 4);
            fact(stays.partitions());
        }
    }
}
