import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Apache Kafka's command line tools one after the other in one process, as starting a Java process for each costs
 * more than the tool's work. A line of input is the main class, standard input and the arguments, all but the class in
 * base64 and separated by blanks; the answer is the exit code, standard output and standard error.
 */
public class ToolRunner {
    /** Thrown where the tool would end the process. */
    static class Ended extends RuntimeException {
        Ended() {
            super(null, null, false, false);
        }
    }

    /** The code of the first attempt to end: tools catch what is thrown at them, and try to end again. */
    static Integer exitCode = null;

    static void end(int code) {
        if (exitCode == null) exitCode = code;
        throw new Ended();
    }

    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        PrintStream errors = System.err;
        Exit.setExitProcedure((code, text) -> end(code));
        Exit.setHaltProcedure((code, text) -> end(code));
        Exit.setShutdownHookAdder((name, hook) -> { });
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int code = run(line.split(" "), out, err);
            System.setOut(answers);
            System.setErr(errors);
            answers.println(code + " " + encode(out) + " " + encode(err));
        }
    }

    static int run(String[] words, ByteArrayOutputStream out, ByteArrayOutputStream err) throws Exception {
        PrintStream stdout = new PrintStream(out, true, "UTF-8");
        PrintStream stderr = new PrintStream(err, true, "UTF-8");
        InputStream stdin = new ByteArrayInputStream(decode(words[1]));
        System.setIn(stdin);
        System.setOut(stdout);
        System.setErr(stderr);
        exitCode = null;
        String[] args = new String[words.length - 2];
        for (int i = 0; i < args.length; i++) args[i] = new String(decode(words[i + 2]), StandardCharsets.UTF_8);
        try {
            // Scala's console keeps the streams that it saw first.
            scala.Console$.MODULE$.setOutDirect(stdout);
            scala.Console$.MODULE$.setErrDirect(stderr);
            Class.forName(words[0]).getMethod("main", String[].class).invoke(null, (Object) args);
            return exitCode == null ? 0 : exitCode;
        } catch (InvocationTargetException e) {
            if (exitCode != null) return exitCode;
            e.getCause().printStackTrace(stderr);
            return 1;
        } catch (ReflectiveOperationException e) {
            e.printStackTrace(stderr); // there is no such tool
            return 1;
        } finally {
            stdout.flush();
            stderr.flush();
        }
    }

    static byte[] decode(String word) {
        return Base64.getDecoder().decode(word.substring(1));
    }

    static String encode(ByteArrayOutputStream bytes) {
        return "=" + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
