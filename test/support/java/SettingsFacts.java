import java.io.FileReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import kafka.server.ConfigHelper;
import kafka.server.DynamicBrokerConfig$;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * What Apache Kafka knows about its configuration, one tab-separated line per fact, for the test that compares:
 * `definitions`; `describe BROKER_FILE TOPIC_FILE`; `check FILE...`; `properties FILE`.
 */
public class SettingsFacts {
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "definitions" -> definitions();
            case "describe" -> describe(load(args[1]), load(args[2]));
            case "check" -> {
                for (int i = 1; i < args.length; i++) check(args[i]);
            }
            case "properties" -> load(args[1]).forEach((key, value) -> line("property", escaped(key), escaped(value)));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    static Properties load(String file) throws Exception {
        Properties properties = new Properties();
        try (FileReader reader = new FileReader(file)) {
            properties.load(reader);
        }
        return properties;
    }

    static String escaped(Object text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toString().toCharArray()) {
            escaped.append(c > 32 && c < 127 ? String.valueOf(c) : String.format("<%04x>", (int) c));
        }
        return escaped.toString();
    }

    static void line(Object... cells) {
        List<String> texts = new ArrayList<>();
        for (Object cell : cells) texts.add(cell == null ? "\\N" : String.valueOf(cell).replace("\t", " ").replace("\n", " "));
        System.out.println(String.join("\t", texts));
    }

    static void definitions() {
        Map<String, String> modes = DynamicBrokerConfig$.MODULE$.dynamicConfigUpdateModes();
        keys("broker", KafkaConfig.configDef(), modes);
        keys("topic", LogConfig.configDefCopy(), Map.of());
        for (var entry : new TreeMap<>(ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS).entrySet()) {
            List<String> names = new ArrayList<>();
            for (var synonym : entry.getValue()) names.add(synonym.name());
            line("synonyms", entry.getKey(), String.join(",", names));
        }
    }

    static void keys(String kind, ConfigDef definitions, Map<String, String> modes) {
        for (ConfigDef.ConfigKey key : new TreeMap<>(definitions.configKeys()).values()) {
            String value = key.hasDefault() ? ConfigDef.convertToString(key.defaultValue, key.type) : null;
            line(kind, key.name, key.type, value, key.validator, key.importance,
                modes.getOrDefault(key.name, "read-only"), key.internalConfig);
        }
    }

    static void describe(Properties broker, Properties topic) {
        KafkaConfig config = KafkaConfig.fromProps(broker, false);
        ConfigHelper helper = new ConfigHelper(null, config, null);
        var resource = new DescribeConfigsRequestData.DescribeConfigsResource()
            .setResourceType((byte) 4).setResourceName(String.valueOf(config.brokerId()));
        config.dynamicConfig().initialize(scala.Option.empty(), scala.Option.empty());
        var list = scala.jdk.javaapi.CollectionConverters.asScala(Collections.singletonList(resource)).toList();
        var results = helper.describeConfigs(list, true, false);
        results.head().configs().forEach(entry -> entry("broker", entry));
        LogConfig logConfig = LogConfig.fromProps(config.extractLogConfigMap(), topic);
        scala.jdk.javaapi.CollectionConverters.asJava(helper.allConfigs(logConfig))
            .forEach((name, value) -> entry("topic",
                helper.createTopicConfigEntry(logConfig, topic, true, false, name, value)));
    }

    static void entry(String kind, DescribeConfigsResponseData.DescribeConfigsResourceResult entry) {
        List<String> synonyms = new ArrayList<>();
        entry.synonyms().forEach(s -> synonyms.add(s.name() + "=" + s.value() + "@" + s.source()));
        line(kind, entry.name(), entry.value(), entry.readOnly(), entry.isSensitive(), entry.configSource(),
            entry.configType(), String.join(" ", synonyms));
    }

    static void check(String file) throws Exception {
        try {
            KafkaConfig.fromProps(load(file), false);
            line("accepted", file);
        } catch (Exception e) {
            line("refused", file, e.getMessage());
        }
    }
}
