import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.*;
import org.apache.kafka.tools.StreamsResetter;

/** Kafka Streams as an application uses it: what it needs of the brokers is topics of its own, groups, purging and restoring. */
public class StreamsScenarios extends Scenarios {
    static final String APPLICATION = "java-streams";
    static final List<String> failures = new ArrayList<>();

    /** Two instances count words, each standing by for the other; one goes, and at last a third begins with nothing. */
    static void countWords() throws Exception {
        create("java-lines", 4);
        onceKnown(() -> admin.describeTopics(List.of("java-lines")).allTopicNames().get());
        say("all streams lead to kafka", "hello kafka streams", "join kafka summit");
        KafkaStreams one = start("one");
        KafkaStreams two = start("two");
        try {
            until("both run", () -> one.state() == KafkaStreams.State.RUNNING && two.state() == KafkaStreams.State.RUNNING);
            until("all is counted", () -> counts(one, two).toString().equals(
                "{all=1, hello=1, join=1, kafka=3, lead=1, streams=2, summit=1, to=1}"));
            until("each stands by for the other", () -> Stream.of(one, two).allMatch(instance ->
                instance.metadataForAllStreamsClients().stream().filter(m -> !m.standbyStateStoreNames().isEmpty()).count() == 2));
            until("nothing lags", () -> Stream.of(one, two).flatMap(instance -> instance.allLocalStorePartitionLags().values()
                .stream()).flatMap(lags -> lags.values().stream()).allMatch(lag -> lag.offsetLag() == 0));
            for (String topic : List.of("counts-changelog", "counts-repartition")) fact(describeInternal(topic));
            until("what was repartitioned is purged", StreamsScenarios::isPurged);
            leave(one);
            say("kafka again");
            until("the other takes over", () -> two.state() == KafkaStreams.State.RUNNING
                && counts(two).getOrDefault("kafka", 0L) == 4 && counts(two).size() == 9);
        } finally {
            leave(one);
            leave(two);
        }
        KafkaStreams three = start("three");
        try {
            until("all is restored", () -> counts(three).size() == 9);
            fact(counts(three));
        } finally {
            leave(three);
        }
        fact(failures);
    }

    /** The tool that prepares an application to begin anew. */
    static void reset() throws Exception {
        until("nobody is in the group", () -> group(APPLICATION).members().isEmpty());
        PrintStream answers = System.out;
        System.setOut(new PrintStream(new ByteArrayOutputStream()));
        try {
            fact(new StreamsResetter().execute(new String[] {
                "--bootstrap-server", bootstrap, "--application-id", APPLICATION, "--input-topics", "java-lines"}));
        } finally {
            System.setOut(answers);
        }
        until("its topics are gone", () -> admin.listTopics().names().get().stream().noneMatch(t -> t.startsWith(APPLICATION)));
        fact(committed(APPLICATION).values().stream().map(offset -> offset.offset()).toList());
    }

    private static KafkaStreams start(String instance) throws IOException {
        File directory = Files.createTempDirectory("gregor-streams-").toFile();
        directory.deleteOnExit();
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream("java-lines").flatMapValues(line -> Arrays.asList(line.split(" ")))
            .groupBy((key, word) -> word).count(Materialized.as(Stores.inMemoryKeyValueStore("counts")));
        Properties settings = with(common(), "application.id", APPLICATION, "client.id", instance, "group.instance.id", instance,
            "state.dir", directory.getPath(), "application.server", instance + ":1", "num.standby.replicas", "1",
            "replication.factor", "3", "commit.interval.ms", "100", "repartition.purge.interval.ms", "200",
            "statestore.cache.max.bytes", "0", "acceptable.recovery.lag", "100", "auto.offset.reset", "earliest");
        for (String side : List.of("key", "value")) settings.put("default." + side + ".serde", Serdes.StringSerde.class.getName());
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        streams.setUncaughtExceptionHandler(error -> {
            failures.add(error.toString());
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
        return streams;
    }

    /** Only a static member can; another one is missed no sooner than its session ends. */
    private static void leave(KafkaStreams instance) {
        instance.close(new KafkaStreams.CloseOptions().leaveGroup(true).timeout(Duration.ofSeconds(20)));
        instance.cleanUp();
    }

    private static void say(String... lines) throws Exception {
        try (Producer<String, String> producer = producer(new Properties())) {
            for (String line : lines) producer.send(new ProducerRecord<>("java-lines", line, line)).get();
        }
    }

    /** What the instances hold themselves, without what they only stand by for. */
    private static Map<String, Long> counts(KafkaStreams... instances) {
        Map<String, Long> all = new TreeMap<>();
        for (KafkaStreams instance : instances) {
            if (instance.state() != KafkaStreams.State.RUNNING) continue;
            var store = instance.store(StoreQueryParameters.fromNameAndType("counts",
                QueryableStoreTypes.<String, Long>keyValueStore()));
            try (var entries = store.all()) {
                entries.forEachRemaining(entry -> all.put(entry.key, entry.value));
            }
        }
        return all;
    }

    private static String describeInternal(String name) throws Exception {
        String topic = APPLICATION + "-" + name;
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        List<String> own = admin.describeConfigs(List.of(resource)).all().get().get(resource).entries().stream()
            .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
            .map(entry -> entry.name() + "=" + entry.value()).sorted().toList();
        var partitions = describe(topic).partitions();
        return name + " " + partitions.size() + " " + partitions.get(0).replicas().size() + " " + own;
    }

    private static boolean isPurged() throws Exception {
        for (int partition = 0; partition < 4; partition++) {
            TopicPartition one = new TopicPartition(APPLICATION + "-counts-repartition", partition);
            long first = admin.listOffsets(Map.of(one, OffsetSpec.earliest())).partitionResult(one).get().offset();
            if (first < admin.listOffsets(Map.of(one, OffsetSpec.latest())).partitionResult(one).get().offset()) return false;
        }
        return true;
    }
}
