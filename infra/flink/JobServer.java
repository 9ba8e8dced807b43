import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.apache.beam.model.pipeline.v1.Endpoints.ApiServiceDescriptor;
import org.apache.beam.runners.flink.FlinkJobInvoker;
import org.apache.beam.runners.flink.FlinkJobServerDriver;
import org.apache.beam.runners.jobsubmission.JobServerDriver;
import org.apache.beam.sdk.fn.server.ServerFactory;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.vendor.grpc.v1p60p1.io.grpc.BindableService;
import org.apache.beam.vendor.grpc.v1p60p1.io.grpc.Server;
import org.apache.beam.vendor.grpc.v1p60p1.io.grpc.netty.NettyServerBuilder;

/**
 * Beam's job server, but for two things. By itself it sends its whole class path, 150 MB, along
 * with every job; here the cluster has it already, and there is none to be found. And it listens at
 * every interface whatever --job-host is, and runs what it is sent; here localhost is localhost.
 */
final class JobServer extends JobServerDriver {
    private JobServer(FlinkJobServerDriver.FlinkServerConfiguration settings) {
        super(settings, new AtHost(), new AtHost(), () -> FlinkJobInvoker.create(settings));
    }

    public static void main(String[] arguments) {
        System.setProperty("java.class.path", "");
        FileSystems.setDefaultPipelineOptions(PipelineOptionsFactory.create());
        new JobServer(FlinkJobServerDriver.parseArgs(arguments)).run();
    }

    /** Servers that listen at the host of their address alone if it is this machine's own. */
    private static final class AtHost extends ServerFactory {
        @Override
        public Server create(List<BindableService> services, ApiServiceDescriptor descriptor)
                throws IOException {
            int colon = descriptor.getUrl().lastIndexOf(':');
            int port = Integer.parseInt(descriptor.getUrl().substring(colon + 1));
            InetSocketAddress local = new InetSocketAddress("127.0.0.1", port);
            boolean isLocal = descriptor.getUrl().startsWith("localhost:");
            NettyServerBuilder server =
                    NettyServerBuilder.forAddress(isLocal ? local : new InetSocketAddress(port))
                            .maxInboundMessageSize(Integer.MAX_VALUE);
            services.forEach(server::addService);
            return server.build().start();
        }

        @Override
        public Server allocateAddressAndCreate(
                List<BindableService> services, ApiServiceDescriptor.Builder descriptor) {
            throw new UnsupportedOperationException("the ports of the job server are given");
        }
    }
}
