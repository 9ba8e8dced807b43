/**
 * Beam's job server. By itself it sends its whole class path, 150 MB, along with every job; here
 * the cluster has it already, and there is none to be found.
 */
final class JobServer {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("java.class.path", "");
        org.apache.beam.runners.flink.FlinkJobServerDriver.main(arguments);
    }
}
