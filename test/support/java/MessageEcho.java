import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/**
 * Apache Kafka's own view of bytes and constants, for the conformance tests. Each line of standard input is a command, each
 * line of standard output its answer:
 *
 *   request HEX                  header and body of a request; read by Kafka, written again
 *   response KEY VERSION HEX     header and body of a response, likewise
 *   message CLASS VERSION HEX    a message of that class, likewise
 *   apis                         what a ZooKeeper-mode broker advertises: KEY:NAME:MIN:MAX separated by spaces
 *   errors                       every error: NAME:CODE:RETRIABLE separated by spaces
 *
 * An answer that starts with "!" is an exception.
 */
public class MessageEcho {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        PrintStream out = new PrintStream(System.out, false);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer;
            try {
                answer = answer(line.split(" "));
            } catch (Throwable error) {
                answer = "!" + String.valueOf(error).replace('\n', ' ');
            }
            out.println(answer);
            if (!in.ready()) out.flush();
        }
        out.flush();
    }

    private static String answer(String[] words) throws Exception {
        switch (words[0]) {
            case "request": return request(bytes(words, 1));
            case "response": return response(ApiKeys.forId(Short.parseShort(words[1])), Short.parseShort(words[2]), bytes(words, 3));
            case "message": return message(words[1], Short.parseShort(words[2]), bytes(words, 3));
            case "apis": return apis();
            case "errors": return errors();
            default: throw new IllegalArgumentException("unknown command " + words[0]);
        }
    }

    private static String request(ByteBuffer buffer) {
        RequestHeader header = RequestHeader.parse(buffer);
        Message body = ApiMessageType.fromApiKey(header.apiKey().id).newRequest();
        body.read(new ByteBufferAccessor(buffer), header.apiVersion());
        return write(header.data(), header.headerVersion()) + write(body, header.apiVersion()) + rest(buffer);
    }

    private static String response(ApiKeys key, short version, ByteBuffer buffer) {
        short headerVersion = key.responseHeaderVersion(version);
        ResponseHeader header = ResponseHeader.parse(buffer, headerVersion);
        Message body = ApiMessageType.fromApiKey(key.id).newResponse();
        body.read(new ByteBufferAccessor(buffer), version);
        return write(header.data(), headerVersion) + write(body, version) + rest(buffer);
    }

    private static String message(String className, short version, ByteBuffer buffer) throws Exception {
        Message message = (Message) Class.forName(className).getDeclaredConstructor().newInstance();
        message.read(new ByteBufferAccessor(buffer), version);
        return write(message, version) + rest(buffer);
    }

    private static String apis() {
        StringBuilder text = new StringBuilder();
        for (ApiKeys key : ApiKeys.apisForListener(ApiMessageType.ListenerType.ZK_BROKER)) {
            text.append(key.id).append(':').append(key.name).append(':').append(key.oldestVersion());
            text.append(':').append(key.latestVersion(false)).append(' ');
        }
        return text.toString().trim();
    }

    private static String errors() {
        StringBuilder text = new StringBuilder();
        for (Errors error : Errors.values()) {
            boolean retriable = error.exception() instanceof RetriableException;
            text.append(error.name()).append(':').append(error.code()).append(':').append(retriable).append(' ');
        }
        return text.toString().trim();
    }

    private static String write(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return HexFormat.of().formatHex(buffer.array(), 0, buffer.position());
    }

    private static String rest(ByteBuffer buffer) {
        return buffer.hasRemaining() ? " left:" + buffer.remaining() : "";
    }

    private static ByteBuffer bytes(String[] words, int index) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(words.length > index ? words[index] : ""));
    }
}
