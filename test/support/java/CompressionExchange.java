import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

/**
 * Compresses the file "data" of a directory with each codec as Kafka's clients do, into "<codec>.kafka", and prints for
 * each codec whether "<codec>.gregor" decompresses to the same data.
 */
public class CompressionExchange {
    private static final byte MAGIC = 2;

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        byte[] data = Files.readAllBytes(directory.resolve("data"));
        Compression[] codecs = {
            Compression.gzip().build(), Compression.snappy().build(), Compression.lz4().build(), Compression.zstd().build(),
        };
        for (Compression codec : codecs) {
            String name = codec.type().name;
            Files.write(directory.resolve(name + ".kafka"), compress(codec, data));
            ByteBuffer ours = ByteBuffer.wrap(Files.readAllBytes(directory.resolve(name + ".gregor")));
            byte[] back = codec.wrapForInput(ours, MAGIC, BufferSupplier.NO_CACHING).readAllBytes();
            System.out.println(name + " " + Arrays.equals(back, data));
        }
    }

    private static byte[] compress(Compression codec, byte[] data) throws Exception {
        ByteBufferOutputStream bytes = new ByteBufferOutputStream(1024);
        try (OutputStream out = codec.wrapForOutput(bytes, MAGIC)) {
            for (int at = 0; at < data.length; at += 777) out.write(data, at, Math.min(777, data.length - at));
        }
        bytes.buffer().flip();
        byte[] compressed = new byte[bytes.buffer().remaining()];
        bytes.buffer().get(compressed);
        return compressed;
    }
}
