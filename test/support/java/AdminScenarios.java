import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;

/** What only the admin client asks. */
public class AdminScenarios extends Scenarios {
    static void adminTopics() throws Exception {
        NewTopic topic = new NewTopic("java-admin", Optional.of(3), Optional.of((short) 2))
            .configs(Map.of("retention.ms", "86400000"));
        CreateTopicsResult created = admin.createTopics(List.of(topic, new NewTopic("a/b", 1, (short) 1)));
        fact(created.numPartitions("java-admin").get(), created.replicationFactor("java-admin").get());
        fact(created.config("java-admin").get().get("retention.ms"));
        fact(failure(() -> created.values().get("a/b").get()));
        Uuid id = created.topicId("java-admin").get();
        TopicCollection ids = TopicCollection.ofTopicIds(List.of(id));
        TopicDescription byId = onceKnown(() -> admin.describeTopics(ids).allTopicIds().get().get(id));
        fact(byId.name(), byId.isInternal(), byId.partitions().size(), byId.partitions().get(0).isr().size());
        TopicDescription byName = describe("java-admin");
        fact(byName.topicId().equals(id), byName.authorizedOperations());
        var withOperations = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        TopicDescription detailed = onceKnown(() -> admin.describeTopics(List.of("java-admin"), withOperations)
            .allTopicNames().get().get("java-admin"));
        fact(new TreeSet<>(detailed.authorizedOperations()));
        Uuid unknown = new Uuid(1, 2);
        fact(failure(() -> admin.describeTopics(TopicCollection.ofTopicIds(List.of(unknown))).allTopicIds().get()));
        fact(failure(() -> admin.createTopics(List.of(topic)).all().get()));
        fact(failure(() -> admin.createPartitions(Map.of("java-admin", NewPartitions.increaseTo(2))).all().get()));
        admin.createPartitions(Map.of("java-admin", NewPartitions.increaseTo(4, List.of(List.of(2, 0))))).all().get();
        List<TopicPartitionInfo> partitions = new ArrayList<>();
        until("four partitions", () -> {
            partitions.clear();
            partitions.addAll(describe("java-admin").partitions());
            return partitions.size() == 4;
        });
        fact(partitions.get(3).replicas().stream().map(Node::id).toList());
        admin.deleteTopics(ids).all().get();
        until("it is gone", () -> !admin.listTopics().names().get().contains("java-admin"));
    }

    static void adminCluster() throws Exception {
        DescribeClusterResult cluster = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
        fact(cluster.nodes().get().stream().map(Node::id).sorted().toList(), cluster.clusterId().get().length());
        fact(cluster.nodes().get().contains(cluster.controller().get()), new TreeSet<>(cluster.authorizedOperations().get()));
        FeatureMetadata features = admin.describeFeatures().featureMetadata().get();
        fact(features.finalizedFeatures(), features.supportedFeatures(), features.finalizedFeaturesEpoch());
        fact(admin.listPartitionReassignments().reassignments().get());
        fact(failure(() -> admin.describeAcls(AclBindingFilter.ANY).values().get()));
        fact(failure(() -> admin.describeDelegationToken().delegationTokens().get()));
        fact(failure(() -> admin.describeMetadataQuorum().quorumInfo().get()));
    }

    static void adminConfigs() throws Exception {
        create("java-configs", 1);
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "java-configs");
        alter(topic, "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND);
        untilConfig(topic, "cleanup.policy", "delete,compact");
        alter(topic, "cleanup.policy", "delete", AlterConfigOp.OpType.SUBTRACT);
        untilConfig(topic, "cleanup.policy", "compact");
        alter(topic, "cleanup.policy", "", AlterConfigOp.OpType.DELETE);
        alter(topic, "segment.bytes", "1048576", AlterConfigOp.OpType.SET);
        untilConfig(topic, "cleanup.policy", "delete");
        untilConfig(topic, "segment.bytes", "1048576");
        fact(failure(() -> alter(topic, "segment.bytes", "1", AlterConfigOp.OpType.SET)));
        fact(failure(() -> alter(topic, "no.such.key", "1", AlterConfigOp.OpType.SET)));
        var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        ConfigEntry entry = admin.describeConfigs(List.of(topic), options).all().get().get(topic).get("segment.bytes");
        fact(entry.source(), entry.type(), entry.isReadOnly(), entry.isSensitive(), !entry.documentation().isEmpty());
        fact(entry.synonyms().stream().map(s -> s.name() + "=" + s.value() + " " + s.source()).toList());
        ConfigResource all = new ConfigResource(ConfigResource.Type.BROKER, "");
        alter(all, "log.retention.ms", "7654321", AlterConfigOp.OpType.SET);
        ConfigResource one = new ConfigResource(ConfigResource.Type.BROKER, "1");
        untilConfig(one, "log.retention.ms", "7654321");
        fact(admin.describeConfigs(List.of(one)).all().get().get(one).get("log.retention.ms").source());
        alter(all, "log.retention.ms", "", AlterConfigOp.OpType.DELETE);
        untilConfig(one, "log.retention.ms", null);
        fact(failure(() -> alter(one, "log.dirs", "/elsewhere", AlterConfigOp.OpType.SET)));
        ConfigResource missing = new ConfigResource(ConfigResource.Type.TOPIC, "java-nowhere");
        fact(failure(() -> admin.describeConfigs(List.of(missing)).all().get()));
    }

    static void adminLoggers() throws Exception {
        String name = "kafka.controller.KafkaController";
        ConfigResource loggers = new ConfigResource(ConfigResource.Type.BROKER_LOGGER, "1");
        fact(levels(loggers, name, "root"));
        alter(loggers, name, "DEBUG", AlterConfigOp.OpType.SET);
        alter(loggers, "root", "WARN", AlterConfigOp.OpType.SET);
        fact(levels(loggers, name, "root"));
        fact(levels(new ConfigResource(ConfigResource.Type.BROKER_LOGGER, "2"), name, "root"));
        AlterConfigOp silent = new AlterConfigOp(new ConfigEntry("root", "FATAL"), AlterConfigOp.OpType.SET);
        var onlyCheck = new AlterConfigsOptions().validateOnly(true);
        admin.incrementalAlterConfigs(Map.of(loggers, List.of(silent)), onlyCheck).all().get();
        alter(loggers, name, "", AlterConfigOp.OpType.DELETE);
        fact(levels(loggers, name, "root"));
        alter(loggers, "root", "INFO", AlterConfigOp.OpType.SET);
        fact(failure(() -> alter(loggers, name, "LOUD", AlterConfigOp.OpType.SET)));
        fact(failure(() -> alter(loggers, "no.such.Logger", "INFO", AlterConfigOp.OpType.SET)));
        fact(failure(() -> alter(loggers, name, "INFO", AlterConfigOp.OpType.APPEND)));
        fact(failure(() -> alter(loggers, "root", "", AlterConfigOp.OpType.DELETE)));
        fact(levels(loggers, name, "root"));
    }

    private static List<String> levels(ConfigResource loggers, String... names) throws Exception {
        Config config = admin.describeConfigs(List.of(loggers)).all().get().get(loggers);
        return java.util.Arrays.stream(names).map(name -> config.get(name).value() + " " + config.get(name).source()).toList();
    }

    static void adminOffsets() throws Exception {
        create("java-offsets", 1);
        TopicPartition partition = new TopicPartition("java-offsets", 0);
        sendNumbered("java-offsets", 0, 8);
        try (Producer<String, String> producer = producer(new Properties())) {
            producer.send(new ProducerRecord<>("java-offsets", 0, 5L, null, "old")).get();
        }
        Map<String, OffsetSpec> specs = new LinkedHashMap<>();
        specs.put("earliest", OffsetSpec.earliest());
        specs.put("latest", OffsetSpec.latest());
        specs.put("max", OffsetSpec.maxTimestamp());
        specs.put("time", OffsetSpec.forTimestamp(1_000_004L));
        specs.put("local", OffsetSpec.earliestLocal());
        specs.put("tiered", OffsetSpec.latestTiered());
        for (var spec : specs.entrySet()) {
            var found = admin.listOffsets(Map.of(partition, spec.getValue())).partitionResult(partition).get();
            fact(spec.getKey(), found.offset(), found.timestamp(), found.leaderEpoch());
        }
        try (Producer<String, String> producer = producer(new Properties())) {
            producer.send(new ProducerRecord<>("java-offsets", 0, 6L, null, "x")).get();
            var state = admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers();
            fact(state.stream().map(p -> p.producerEpoch() + " " + p.lastSequence() + " "
                + p.currentTransactionStartOffset()).sorted().distinct().toList());
        }
        fact(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4))).lowWatermarks().get(partition).get()
            .lowWatermark());
        fact(admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).partitionResult(partition).get().offset());
        fact(failure(() -> admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(99))).all().get()));
        int leader = describe("java-offsets").partitions().get(0).leader().id();
        var directories = admin.describeLogDirs(List.of(leader)).allDescriptions().get().get(leader);
        for (LogDirDescription directory : directories.values()) {
            ReplicaInfo replica = directory.replicaInfos().get(partition);
            fact(directory.error(), replica.size() > 0, replica.offsetLag(), replica.isFuture());
            fact(directory.totalBytes().getAsLong() > 0, directory.usableBytes().getAsLong() > 0);
        }
        var replica = new TopicPartitionReplica("java-offsets", 0, leader);
        fact(admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica).getCurrentReplicaLogDir() != null);
    }

    static void adminGroups() throws Exception {
        create("java-groups", 2);
        TopicPartition first = new TopicPartition("java-groups", 0);
        TopicPartition second = new TopicPartition("java-groups", 1);
        sendNumbered("java-groups", 0, 5);
        var offsets = Map.of(first, new OffsetAndMetadata(2, "two"), second, new OffsetAndMetadata(0));
        admin.alterConsumerGroupOffsets("java-groups", offsets).all().get();
        fact(new TreeMap<>(Map.of("0", committed("java-groups").get(first), "1", committed("java-groups").get(second))));
        admin.deleteConsumerGroupOffsets("java-groups", Set.of(second)).all().get();
        fact(committed("java-groups").keySet());
        try (Member member = new Member("java-groups", with("group.id", "java-groups"))) {
            until("it reads on", () -> member.values.size() == 3);
            fact(member.values);
            fact(failure(() -> admin.deleteConsumerGroupOffsets("java-groups", Set.of(first)).all().get()));
            fact(failure(() -> admin.alterConsumerGroupOffsets("java-groups", offsets).all().get()));
            fact(failure(() -> admin.deleteConsumerGroups(List.of("java-groups")).all().get()));
            var stable = new ListConsumerGroupsOptions().inStates(Set.of(ConsumerGroupState.STABLE));
            fact(admin.listConsumerGroups(stable).all().get().stream().filter(g -> g.groupId().equals("java-groups"))
                .map(g -> g.state() + " " + g.type() + " " + g.isSimpleConsumerGroup()).toList());
        }
        until("it is empty", () -> group("java-groups").state() == ConsumerGroupState.EMPTY);
        fact(admin.listConsumerGroupOffsets(Map.of("java-groups", new ListConsumerGroupOffsetsSpec(), "java-nobody",
            new ListConsumerGroupOffsetsSpec())).all().get().get("java-nobody"));
        admin.deleteConsumerGroups(List.of("java-groups")).all().get();
        fact(failure(() -> admin.deleteConsumerGroups(List.of("java-groups")).all().get()));
        fact(group("java-groups").state());
    }

    /** A topic that prefers broker 1; the test stops and starts that one in between. */
    static void electionTopic() throws Exception {
        admin.createTopics(List.of(new NewTopic("java-election", Map.of(0, List.of(1, 0))))).all().get();
        TopicPartition partition = new TopicPartition("java-election", 0);
        until("broker 1 leads", () -> describe("java-election").partitions().get(0).leader().id() == 1);
        fact(failure(() -> admin.electLeaders(ElectionType.PREFERRED, Set.of(partition)).all().get()));
    }

    static void electLeaders() throws Exception {
        TopicPartition partition = new TopicPartition("java-election", 0);
        until("broker 1 is in sync", () -> describe("java-election").partitions().get(0).isr().size() == 2);
        fact(describe("java-election").partitions().get(0).leader().id());
        // A client that saw the old controller last does not look for the new one by itself in this call: a fresh one does.
        until("it is elected", () -> {
            try (Admin fresh = Admin.create(common())) {
                String failure = failure(() -> fresh.electLeaders(ElectionType.PREFERRED, Set.of(partition)).all().get());
                return failure.equals("none") || failure.startsWith("ElectionNotNeeded");
            }
        });
        until("broker 1 leads", () -> describe("java-election").partitions().get(0).leader().id() == 1);
    }
}
