import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;

/** Limits, refusals, and topics that vanish. */
public class HardScenarios extends Scenarios {
    /** A batch larger than any of the limits of a fetch still comes; and a consumer reads from the replica of its rack. */
    static void fetchLimits() throws Exception {
        create("java-limits", 1);
        try (Producer<String, String> producer = producer(with("linger.ms", "0"))) {
            for (int i = 0; i < 3; i++) producer.send(new ProducerRecord<>("java-limits", i + "x".repeat(200_000))).get();
        }
        Properties small = with("max.partition.fetch.bytes", "1000", "fetch.max.bytes", "2000", "max.poll.records", "1");
        fact(read("java-limits", 1, 3, small).size());
        int leader = describe("java-limits").partitions().get(0).leader().id();
        int other = (leader + 1) % 3;
        TopicPartition partition = new TopicPartition("java-limits", 0);
        try (KafkaConsumer<String, String> consumer = consumer(with("client.rack", "rack" + other))) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<String> values = new ArrayList<>();
            until("three records", () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                return values.size() >= 3;
            });
            fact(values.size());
            Object replica = consumer.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("preferred-read-replica"))
                .map(metric -> metric.getValue().metricValue()).findFirst().orElse(null);
            fact(replica.equals(other));
        }
    }

    /** What a topic's configuration forbids, and what the broker's clock does to a record. */
    static void refusals() throws Exception {
        create("java-stamped", 1);
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "java-stamped");
        try (Producer<String, String> producer = producer(new Properties())) {
            var old = new ProducerRecord<>("java-stamped", 0, 1000L, "k", "old");
            fact(producer.send(old).get().timestamp());
            set(topic, "message.timestamp.before.max.ms", "60000");
            untilRefused("InvalidTimestampException", () -> producer.send(old).get());
            set(topic, "message.timestamp.type", "LogAppendTime");
            until("the broker stamps", () -> producer.send(old).get().timestamp() > 1_600_000_000_000L);
            set(topic, "cleanup.policy", "compact");
            untilRefused("InvalidRecordException", () -> producer.send(new ProducerRecord<>("java-stamped", "no key")).get());
            set(topic, "max.message.bytes", "200");
            var large = new ProducerRecord<>("java-stamped", "k", "x".repeat(300));
            untilRefused("RecordTooLargeException", () -> producer.send(large).get());
            fact(producer.send(new ProducerRecord<>("java-stamped", "k", "fits")).get().offset() >= 2);
        }
        fact(read("java-stamped", 1, 3, new Properties()).stream().map(r -> r.timestampType().toString()).distinct().toList());
    }

    /** A topic that is deleted and made anew under the feet of its clients, which have its old id. */
    static void madeAnew() throws Exception {
        create("java-anew", 1);
        Properties settings = with("group.id", "java-anew", "metadata.max.age.ms", "500");
        try (Producer<String, String> producer = producer(with("metadata.max.age.ms", "500")); Member member = new Member("java-anew", settings)) {
            producer.send(new ProducerRecord<>("java-anew", "before")).get();
            until("it is read", () -> member.values.contains("before"));
            admin.deleteTopics(List.of("java-anew")).all().get();
            until("it is gone", () -> !admin.listTopics().names().get().contains("java-anew"));
            until("it can be made anew", () -> failure(() -> create("java-anew", 1)).equals("none"));
            fact(producer.send(new ProducerRecord<>("java-anew", "after")).get().offset());
            fact(member.failure);
        }
        fact(read("java-anew", 1, 1, new Properties()).stream().map(ConsumerRecord::value).toList());
    }

    /** The leader's log may learn of a change a moment later than the broker that was asked. */
    static void untilRefused(String error, Action action) throws Exception {
        until(error, () -> failure(action).startsWith(error));
    }

    static void set(ConfigResource topic, String name, String value) throws Exception {
        alter(topic, name, value, AlterConfigOp.OpType.SET);
    }
}
